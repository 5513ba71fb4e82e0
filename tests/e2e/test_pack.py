# SPDX-License-Identifier: GPL-3.0-or-later
"""Marshalling: the bytes of each field, and the way back; what Python's struct makes of the same
values is what must be in the buffer."""

import random
import struct

import pytest

CODES = {"i8": "b", "i16": "h", "i32": "i", "i64": "q", "u8": "B", "u16": "H", "u32": "I", "u64": "Q"}


def as_typed(value):
    if isinstance(value, int):
        return str(value)
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def bytes_of(event, name="buf"):
    return event["facts"]["bytes"].replace(" ", "")


def test_bytes_of_each_field_are_shown(lab, world):
    r = lab.twice(["spawn a", 'a n = pack(buf, "i32 u16 s8", 7, 300, "hi")', "a print n"]).ok()
    packed = r.one("exit", call="pack")
    assert packed["ret"] == 14 and packed["facts"]["bytes"] == "00000007 012c 6869000000000000"
    assert packed["out"]["buf"] == "\0\0\0\x07\x01,hi\0\0\0\0\0\0"
    assert r.one("exit", call="print")["value"] == 14
    assert "bytes 00000007 012c 6869000000000000" in r.stdout


@pytest.mark.parametrize("order,sign", [("", ">"), (">", ">"), ("!", ">"), ("<", "<"), ("=", "=")])
@pytest.mark.parametrize("field", CODES)
def test_numbers_as_struct_has_them(lab, order, sign, field):
    bits = int(field[1:])
    low, high = (0, 2**min(bits, 63) - 1) if field[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    if low < -(2**62):
        low += 1  # the smallest long cannot be typed
    values = [low, high, 1, low + (high - low) // 3]
    fields = " ".join([order] + [field] * 4).strip()
    r = lab.run(["spawn a", f'a n = pack(buf, "{fields}", {", ".join(map(str, values))})',
                 f'a unpack(buf, n, "{fields}", w, x, y, z)']).ok()  # fmt: skip
    assert bytes_of(r.one("exit", call="pack")) == struct.pack(sign + CODES[field] * 4, *values).hex()
    assert r.one("exit", call="unpack")["out"] == dict(zip("wxyz", values, strict=True))


TEXTS = {
    "s8": ("hello", "68656c6c6f000000"),
    "s5": ("hello", "68656c6c6f"),
    "z": ("hello", "68656c6c6f00"),
    "p8": ("hello", "0568656c6c6f"),
    "p16": ("hello", "000568656c6c6f"),
    "< p16": ("hello", "050068656c6c6f"),
}


@pytest.mark.parametrize("field,text,wanted", [(f, t, w) for f, (t, w) in TEXTS.items()] + [
    ("z", "", "00"), ("p8", "", "00"), ("s2", "", "0000")])
def test_texts(lab, field, text, wanted):
    r = lab.run(["spawn a", f'a n = pack(buf, "{field}", "{text}")', f'a unpack(buf, n, "{field}", back)', "a print back"])
    assert bytes_of(r.one("exit", call="pack")) == wanted
    assert r.one("exit", call="print")["value"] == text


@pytest.mark.parametrize("form", ["", "text "])
@pytest.mark.parametrize("seed", range(3))
def test_there_and_back(lab, form, seed):
    draw = random.Random(seed)
    lines, wanted = ["spawn a"], []
    for n in range(8):
        fields, values = [], []
        for _ in range(draw.randint(1, 8)):
            field = draw.choice(["i8", "i16", "i32", "i64", "u8", "u16", "u32", "s9", "z", "p8", "x3", "<", ">"])
            fields.append(field)
            if field[0] in "iu":
                top = 2 ** (int(field[1:]) - (field[0] == "i"))
                values.append(draw.randint(-top if field[0] == "i" else 0, top - 1))
            elif field[0] in "szp":
                values.append("".join(draw.choices('ab "\\x', k=draw.randint(0, 9))))
        names = [f"v{n}_{i}" for i in range(len(values))]
        form_of = '"' + form + " ".join(fields) + '"'
        lines.append("a n = pack(" + ", ".join(["buf", form_of, *map(as_typed, values)]) + ")")
        lines.append("a unpack(" + ", ".join(["buf", "n", form_of, *names]) + ")")
        wanted.append(dict(zip(names, values, strict=True)))
    r = lab.run(lines).ok()
    assert [e.get("out", {}) for e in r.find("exit", call="unpack")] == wanted
    assert [e["ret"] for e in r.find("exit", call="unpack")] == [len(w) for w in wanted]


def test_text_form_can_be_read(lab):
    r = lab.run(["spawn a", 'a pack(buf, "text i32 u16 s8", -7, 300, "a \\"b\\"\\n")', "a print buf"]).ok()
    assert r.one("exit", call="print")["value"] == '-7 300 "a \\"b\\"\\012"'


def test_another_format_makes_nonsense(lab):
    """Nothing in the bytes says what they mean."""
    r = lab.run(["spawn a", 'a n = pack(buf, "u16 u16", 1, 2)', 'a unpack(buf, n, "u32", x)', 'a unpack(buf, n, "< u16 u16", y, z)'])
    assert [e["out"] for e in r.find("exit", call="unpack")] == [{"x": 65538}, {"y": 256, "z": 512}]


ERRORS = [
    ('pack(buf, "u8", 256)', "EOVERFLOW", "0 to 255"),
    ('pack(buf, "u8", -1)', "EOVERFLOW", "0 to 255"),
    ('pack(buf, "i16", 32768)', "EOVERFLOW", "-32768 to 32767"),
    ('pack(buf, "text u8", 256)', "EOVERFLOW", "0 to 255"),
    ('pack(buf, "s3", "four")', "EOVERFLOW", "room for 3"),
    ('pack(buf, "s3", 99)', "EFAULT", "no address"),
    ('pack(buf, "u8 s3000 s3000", 1, "a", "b")', "EMSGSIZE", "4096"),
    ('pack(buf, "u7", 1)', "EINVAL", "'u7' is no field"),
    ('pack(buf, "u8 what", 1)', "EINVAL", "'what' is no field"),
    ('pack(buf, "u8 u8", 1)', "EINVAL", "2 fields with a value, and 1 was given"),
    ('pack(buf, "u8", 1, 2)', "EINVAL", "1 field with a value, and 2 were given"),
    ('pack(gone, "u8", 1)', "EFAULT", ""),
    ('unpack(rec, 3, "u32", x)', "EBADMSG", "needs 4 bytes from byte 0"),
    ('unpack(rec, 4, "u16 p8", x, y)', "EBADMSG", "needs"),
    ('unpack(rec, 4, "text u8", x)', "EBADMSG", "no number"),
    ('unpack(rec, 4, "u8")', "EINVAL", "and 0 were given"),
    ('unpack(rec, 5000, "u8", x)', "EMSGSIZE", "4096"),
    ('unpack(gone, 4, "u32", x)', "EFAULT", ""),
    ('unpack(rec, 4, "u32", gone)', "EFAULT", ""),
]


@pytest.mark.parametrize("call,errno,words", ERRORS)
def test_error(lab, call, errno, words):
    r = lab.run(["spawn a", 'a n = pack(rec, "u8 u8 u8 u8", 1, 9, 200, 3)',
                 "a gone = shmat(shmget(1, 9, IPC_CREAT|0600))", "a shmdt(gone)", f"a {call}"]).ok()  # fmt: skip
    got = r.last("exit")
    assert (got["ret"], got["errno"]) == (-1, errno), r
    assert words in " ".join(got.get("note", [])), r


def test_what_is_left_over_is_said(lab):
    r = lab.run(["spawn a", 'a n = pack(rec, "u8 u8 u8", 1, 2, 3)', 'a unpack(rec, n, "u8", x)']).ok()
    assert "2 bytes behind the record" in r.last("exit")["note"][0]


def test_into_declared_variables(lab):
    r = lab.run(["spawn a", "a int id", "a char name[9]", 'a n = pack(rec, "i32 s8", 7, "hi")',
                 'a unpack(rec, n, "i32 s8", &id, name)', "a print id", "a print name"]).ok()  # fmt: skip
    assert [e["value"] for e in r.find("exit", call="print")] == [7, "hi"]
