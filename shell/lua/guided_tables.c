/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which fields the table of a guided lab has, and the tables in it. */
#include "lua/guided_parts.h"

const struct frame_field guided_frame_fields[] = {
    {"tasks", LUA_TTABLE, false, true, "ipclab.Task[]", "the tasks, in order"},
    {"intro", LUA_TSTRING, false, false, "string", "what is said before the first task"},
    {"outro", LUA_TSTRING, false, false, "string", "what is said after the last one"},
    {"programs", LUA_TTABLE, true, false, "string[]",
     "files that execve may run where a session is judged: \"/bin/echo\"; no other is"},
    {"hint_cost", FRAME_ANY, false, false, "integer", "points that a hint costs, 1 when left out"},
    {"skip", FRAME_ANY, false, false, "boolean|integer",
     "what `skip` gives: true nothing, a number so many points; false: no task can be skipped"},
    {"also", LUA_TTABLE, false, false, "ipclab.Also[]",
     "other sessions, and exactly the points that each must get"},
    {0}};

static const struct api_entry task_entries[] = {
    {"id", NULL, NULL, "string", "a letter a-z, then letters, digits, _ and -"},
    {"points", NULL, NULL, "integer", "a whole number; 0 is allowed"},
    {"say", NULL, NULL, "string", "the task, in a few short sentences"},
    {"check", NULL, NULL, "fun(h: ipclab.Look): any",
     "looks whether it is done: it holds when it comes to its end"},
    {"solution", NULL, NULL, "string|string[]", "the model solution: lines"},
    {"title", NULL, NULL, "?string", "else its id"},
    {"hints", NULL, NULL, "?(string|ipclab.Hint)[]", "at most 4, from vague to the line itself"},
    {"hint_cost", NULL, NULL, "?integer", "for this task"},
    {"skip", NULL, NULL, "?boolean|integer", "for this task"},
    {"predict", NULL, NULL, "?ipclab.Predict", "a question about what will happen"},
    {"needs", NULL, NULL, "?string[]",
     "ids of tasks before it, without which it cannot be judged at the end"},
    {0}};

const struct api_class api_task = {
    .name = "ipclab.Task", .summary = "a task of a guided lab", .entries = task_entries};

static const struct api_entry hint_entries[] = {
    {"cost", NULL, NULL, "?integer", "points that this one costs"}, {0}};
static const char *const hint_more[] = {"---@field [1] string the hint", NULL};

const struct api_class api_hint = {.name = "ipclab.Hint",
                                   .summary = "a hint with a price of its own",
                                   .entries = hint_entries,
                                   .more = hint_more};

static const struct api_entry predict_entries[] = {
    {"ask", NULL, NULL, "string", "the question"},
    {"truth", NULL, NULL, "fun(h: ipclab.Look): any",
     "the number of the choice, the numbers of the order, or the value; nil as long as it is not "
     "known"},
    {"choices", NULL, NULL, "?string[]", "of a choice"},
    {"order", NULL, NULL, "?string[]", "what is put in order"},
    {"points", NULL, NULL, "?integer", "for the right answer; 0 when left out"},
    {0}};

const struct api_class api_predict = {.name = "ipclab.Predict",
                                      .summary = "a question; without choices and order it asks "
                                                 "for a value",
                                      .entries = predict_entries};

static const struct api_entry also_entries[] = {
    {"name", NULL, NULL, "string", "what is different in it"},
    {"points", NULL, NULL, "integer", "that it gets, exactly"},
    {"play", NULL, NULL, "string|string[]", "its lines"},
    {0}};

const struct api_class api_also = {
    .name = "ipclab.Also", .summary = "another session", .entries = also_entries};
