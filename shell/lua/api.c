/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All classes of api.h: those that are registered where they are made, and the values that calls
 * and checks give back. */
#include "lua/host.h"

static const char *const address_more[] = {"---@operator add(integer): ipclab.Address",
                                           "---@operator sub(integer): ipclab.Address",
                                           "---@operator sub(ipclab.Address): integer", NULL};
static const struct api_entry nothing[] = {{0}};

static const struct api_class address = {
    .name = "ipclab.Address",
    .summary = "an address in one process, and in its children; of elements, as C counts them",
    .entries = nothing,
    .more = address_more};

static const struct api_class stream = {
    .name = "ipclab.Stream", .summary = "a FILE * of one process", .entries = nothing};

static const struct api_entry error_entries[] = {
    {"name", NULL, NULL, "string", "\"ENOENT\""},
    {"text", NULL, NULL, "string", "the call as it stands in the trace, with what came of it"},
    {"errno", NULL, NULL, "?integer", "its number"},
    {0}};

static const struct api_class error = {
    .name = "ipclab.Error", .summary = "why a call failed", .entries = error_entries};

static const struct api_entry leak_entries[] = {
    {"kind", NULL, NULL, "string", "of an object, or \"name\" or \"zombie\""},
    {"name", NULL, NULL, "string", "\"shm#1\""},
    {"text", NULL, NULL, "string", "what it is"},
    {0}};

static const struct api_class leak = {
    .name = "ipclab.Leak", .summary = "what would stay behind", .entries = leak_entries};

static const struct api_entry object_entries[] = {
    {"name", NULL, NULL, "string", "\"pipe#1\""},
    {"kind", NULL, NULL, "string", "\"pipe\""},
    {"w", NULL, NULL, "?string[]", "actors that have its write end"},
    {"r", NULL, NULL, "?string[]", "actors that have its read end"},
    {"holders", NULL, NULL, "?string[]", "actors that have any end of it"},
    {0}};
static const char *const fields_of_state[] = {"---@field [string] any the fields of its state",
                                              NULL};

static const struct api_class object = {.name = "ipclab.Object",
                                        .summary = "an object as it stands now",
                                        .entries = object_entries,
                                        .more = fields_of_state};

static const struct api_class lab = {
    .name = "ipclab.Lab", .summary = "what a lab file returns", .entries = nothing};

const struct api_class *const api_classes[] = {&address,   &stream,      &error,       &leak,
                                               &object,    &lab,         &api_session, &api_trace,
                                               &api_actor, &api_pending, &api_look,    &api_task,
                                               &api_hint,  &api_predict, &api_also,    NULL};
