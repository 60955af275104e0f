#!/usr/bin/env python3
"""Writes safetensors-headers.json: which headers the reference implementation takes, and what it reads from them.

    pip install safetensors==0.8.0; safetensors-headers.py > safetensors-headers.json

A case: header and data (bytes as latin-1 text), announced where the length in front is another than the header's, and
read: [name, dtype, shape, data] of every tensor, in the reference's order, metadata beside it, or null where the file is
refused. The first cases are written by hand; then come seeded damages of sound headers.
"""
import json, os, random, struct, tempfile
import safetensors

E = '"dtype":"F32","shape":[],"data_offsets":[0,4]'
D = b"abcd"
CASES = []


def case(header, data=D, announced=None):
    header = header.encode() if isinstance(header, str) else header
    file = struct.pack("<Q", len(header) if announced is None else announced) + header + data
    entry = {"header": header.decode("latin-1"), "data": data.decode("latin-1")}
    if announced is not None:
        entry["announced"] = announced
    try:
        entry["read"] = [[n, t["dtype"], t["shape"], bytes(t["data"]).decode("latin-1")] for n, t in safetensors.deserialize(file)]
        with tempfile.NamedTemporaryFile() as f:
            f.write(file)
            f.flush()
            with safetensors.safe_open(f.name, "np") as opened:
                entry["metadata"] = opened.metadata() or {}
    except safetensors.SafetensorError:
        entry["read"] = None
    CASES.append(entry)


def entry(dtype="F32", shape="[]", offsets="[0,4]"):
    return '{"a":{"dtype":%s,"shape":%s,"data_offsets":%s}}' % (json.dumps(dtype) if not dtype.startswith("{") else dtype, shape, offsets)


# metadata
for m in ("null", "{}", '{"k":"v"}', " null ", "nul", "nullx", "1", "[]", '"x"', "true", '{"k":null}', '{"k":1}', '{"k":{}}',
          '{"k":"\\u00e9\\ud83d\\ude00\\n"}', '{"k":"\\ud800"}', '{"\\udc00":"v"}', '{"":""}', '{"k":"v",}', "null,\"__metadata__\":{}"):
    case('{"__metadata__":%s,"a":{%s}}' % (m, E))
    case('{"a":{%s},"__metadata__":%s}' % (E, m))
case('{"__meta\\u0064ata__":{"k":"v"},"a":{%s}}' % E)
# unknown keys of an entry, of every kind of value
for v in ("1", "-1", "0", "-0", "01", "1.5", "1.", ".5", "-", "+1", "1e5", "1E+5", "1e-5", "1e", "1e400", "-1e400", "1e-400", "9" * 40, "9" * 400,
          "true", "false", "null", "tru", "True", "NaN", "Infinity", "nulll", '"s"', '"\\u00e9\\\\\\/\\b\\f\\n\\r\\t\\""', '"\\q"', '"\n"', '"\\ud83d\\ude00"',
          '"\\ud800"', '"\\udc00"', '"\\ud800\\u0041"', '"\\ud800\\ud800"', '"\\u12"', '"\\u12g4"', "[]", "[ ]", "[1]", "[1,]", "[,]", "[1 2]", "[", "]",
          "{}", "{ }", '{"a":1}', '{"a":1,}', '{"a"}', "{1:2}", '{"a":1,"a":2}', '{"\\ud800":1}', '[{"x":[[{}],{"y":null}]}]', "", "'x'", "/**/1"):
    case('{"a":{%s,"x":%s}}' % (E, v))
    case('{"a":{"x":%s,%s}}' % (v, E))
for depth in (100, 124, 125, 126, 127, 1000):
    case('{"a":{%s,"x":%s}}' % (E, "[" * depth + "]" * depth))
    case('{"a":{%s,"x":%s}}' % (E, '{"y":' * (depth - 1) + "{}" + "}" * (depth - 1)))
case('{"a":{%s,"x":1,"x":2}}' % E)
case('{"a":{%s,"stride":[],"device":"cpu"}}' % E)
# known keys
for key in ('"shape":[]', '"dtype":"F32"', '"data_offsets":[0,4]'):
    case('{"a":{%s,%s}}' % (E, key))
    case('{"a":{%s}}' % E.replace(key, '"x":0'))
case('{"a":{"d\\u0074ype":"\\u004632","shape":[],"data_offsets":[0,4]}}')
for v in ("null", "1", "[]", "{}", '"x"', "true"):
    case('{"a":%s}' % v, b"")
    case('{"a":{%s},"b":%s}' % (E, v))
    case('{"a":{"dtype":%s,"shape":[],"data_offsets":[0,4]}}' % v)
    case(entry(shape=v))
    case(entry(offsets=v))
# numbers
for n in ("4", " 4 ", "-4", "4.0", "4e0", "04", '"4"', "null", "5", "3", "18446744073709551615", "18446744073709551616", "9223372036854775807", "9" * 30):
    case(entry(offsets="[0,%s]" % n))
    case(entry(shape="[%s]" % n))
for offsets in ("[]", "[0]", "[4]", "[0,4,4]", "[4,0]", "[0,0]", "[4,4]", "[1,5]", "[0,4,]", "[-0,4]"):
    case(entry(offsets=offsets))
for shape, data in (("[0]", b""), ("[1]", D), ("[1,1,1]", D), ("[2]", D), ("[2]", D + D), ("[0,3]", b""), ("[3,0]", b""), ("[%s]" % ",".join(["1"] * 64), D),
                    ("[4294967296,4294967296]", b""), ("[4294967296,4294967296,0]", b""), ("[0,4294967296,4294967296]", b""),
                    ("[4294967296,0]", b""), ("[1152921504606846976]", b""), ("[4611686018427387904]", b"")):
    case(entry(shape=shape, offsets="[0,%d]" % len(data)), data)
for dtype, size in (("BOOL", 1), ("U8", 1), ("I8", 1), ("I16", 2), ("F16", 2), ("BF16", 2), ("I32", 4), ("F32", 4), ("I64", 8), ("F64", 8)):
    for n in (0, 1, 3):
        data = bytes([1]) * (size * n)
        case(entry(dtype, "[%d]" % n, "[0,%d]" % len(data)), data)
        case(entry(dtype, "[%d]" % n, "[0,%d]" % (len(data) + 1)), data + b"x")
for dtype in ("f32", "F33", "", "torch.float32", "F32 "):
    case(entry(dtype))
# names
for name in ("", " ", "a.b", "\x7f", "\\u0000", "\\u00e9", "é", "😀", "\\ud83d\\ude00", "\\ud800", "\\udc00", "\\ud800x", "\\ud800\\n", "\\udc00\\ud800", "\\ud800\\udc00",
             "\\uD83D\\uDE00", "\\u", "\\u123", "\\x41", "\n", "\\\\", "\\\"", "/", "\\/"):
    case('{"%s":{%s}}' % (name, E))
case(b'{"\xff":{%s}}' % E.encode())
case(b'{"\xed\xa0\x80":{%s}}' % E.encode())
case(b'{"\xc0\x80":{%s}}' % E.encode())
case('{"\\u\uff11\uff12\uff13\uff14":{%s}}' % E)
# what is around
for before, after in ((" ", ""), ("\n\t\r ", ""), ("", " "), ("", " \n\t\r "), ("", "\0"), ("", "\x0c"), ("\ufeff", ""), ("", "x"), ("", "{}"), ("", ","), ("[", "]")):
    case(before + '{"a":{%s}}' % E + after)
for header in ("", " ", "{}", "{} ", "[]", "null", "1", '""', "{", "}", '{"a', '{"a"', '{"a":', "{,}", '{"a":{%s},}' % E, '{"a":{%s,}}' % E, '{"a" {%s}}' % E):
    case(header, b"")
    case(header)
# the data
two = '{"a":{%s},"b":{"dtype":"F32","shape":[%s],"data_offsets":[%d,%d]}}'
for shape, start, end in (("", 4, 8), ("", 0, 4), ("", 8, 12), ("", 2, 6), ("0", 0, 0), ("0", 4, 4), ("0", 2, 2), ("0", 8, 8), ("2", 4, 12), ("2", 0, 8)):
    for data in (b"", D, D + D, D * 3):
        case(two % (E, shape, start, end), data)
case('{"b":{"dtype":"F32","shape":[],"data_offsets":[4,8]},"a":{%s}}' % E, b"abcdefgh")
for announced in (0, 1, 8, 60, 100_000_000, 100_000_001, 2**31, 2**63, 2**64 - 1):
    case('{"a":{%s}}' % E, D, announced)

random.seed(10)
SOUND = [
    ('{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"n":{"dtype":"I64","shape":[],"data_offsets":[8,16]}}  ', bytes(range(16))),
    ('{"h":{"shape":[2,1],"dtype":"F16","data_offsets":[1,5],"x":[{"y":null}]},"b":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}}', bytes([1, 0, 60, 0, 188])),
    ('{"\\u00e9":{"dtype":"F64","shape":[0,3],"data_offsets":[0,0]},"i":{"dtype":"I32","shape":[1,1],"data_offsets":[0,4]}}', bytes(4)),
]
for i in range(900):
    header, data = random.choice(SOUND)
    header = bytearray(header.encode())
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        at = random.randrange(len(header))
        kind = random.randrange(5)
        if kind == 0:
            header[at] ^= 1 << random.randrange(8)
        elif kind == 1:
            header[at] = random.choice(b'0123456789{}[]:,"\\ nu.e-')
        elif kind == 2:
            del header[at : at + random.choice((1, 2, 5))]
        elif kind == 3:
            header[at:at] = header[random.randrange(len(header)) :][: random.choice((1, 3, 12))]
        else:
            header[at:at] = random.choice((b" ", b"0", b"null", b'"x":1,', b"[]", b"\\ud800", b"e1", b"-"))
        header = header or bytearray(b" ")
    cut = random.choice((0,) * 9 + (1,))
    case(bytes(header), data[: len(data) - cut])

print("[\n" + ",\n".join(json.dumps(c) for c in CASES) + "\n]")
