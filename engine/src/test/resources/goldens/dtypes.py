"""Writes dtypes.json beside it: what PyTorch does with numbers of every type.

python3 dtypes.py (PyTorch 1.13)
"""
import json
import pathlib

import torch

NAMES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"]
WHOLE = NAMES[1:6]
FLOATS = [0.0, -0.0, 1.0, -1.5, 2.5, 0.1, -0.3, 100.7, -129.7, 255.5, 300.25, 40000.0, 65504.0, 65519.0, 65520.0, 70000.0]
FLOATS += [2.0**-24, 2.0**-25, 1.5 * 2.0**-25, 3 * 2.0**-25, 6.0e-5, 6.1e-5, 1e-7, 1e-40, 1.00048828125, 1.00146484375]
FLOATS += [1.00390625, 1.01171875, 3.4e38, 3.39e38, 2049.0, 2051.0, 257.0, 259.0, 16777217.0, float("nan"), float("inf"), float("-inf")]
LONGS = [0, 1, -1, 2, 127, 128, 255, 256, -128, -129, 32767, 32768, 65535, 65536, 2**31 - 1, 2**31, -(2**31), 2**40 + 5]
LONGS += [16777217, 2049, 2051, 65519, 65520, 2**53 + 1, 2**62 + 1, -(2**62) - 1, 2**54 + 2**30 + 1]
SMALL = [-128, -127, -7, -3, -1, 1, 2, 3, 7, 100, 127]


def listed(t):
    return [str(v) if isinstance(v, float) else int(v) for v in t.tolist()]


cases = {"casts": [], "prints": [], "binary": []}
for source, values in [("int64", LONGS), ("float32", FLOATS), ("float64", FLOATS)]:
    start = torch.tensor(values, dtype=getattr(torch, source))
    for middle in NAMES:
        held = start.to(getattr(torch, middle))
        for to in NAMES:
            cast = held.to(getattr(torch, to))
            given = listed(start)
            cases["casts"].append({"from": source, "values": given, "by": middle, "to": to, "result": listed(cast)})
for name in NAMES:
    t = torch.tensor([[0, 1, 2], [3, 4, 100]]).to(getattr(torch, name))
    for view in ["matrix", "scalar", "empty", "flat"]:
        x = {"matrix": t, "scalar": t[1, 2], "empty": t[:0], "flat": t[0, :0]}[view]
        cases["prints"].append({"dtype": name, "of": view, "text": str(x)})
for name in ["float16", "bfloat16"]:
    t = torch.tensor([1.5, -0.001, 65504.0, 1e-7, 0.1]).to(getattr(torch, name))
    cases["prints"].append({"dtype": name, "of": "fractions", "text": str(t)})
OPS = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "floorDivide": lambda a, b: a.div(b, rounding_mode="floor"),
    "remainder": lambda a, b: a % b,
    "fmod": torch.fmod,
    "maximum": torch.maximum,
    "bitwiseAnd": lambda a, b: a & b,
    "bitwiseXor": lambda a, b: a ^ b,
    "lt": lambda a, b: a < b,
    "eq": lambda a, b: a == b,
}
for a in WHOLE:
    for b in WHOLE:
        x = torch.tensor(SMALL).repeat_interleave(len(SMALL)).to(getattr(torch, a))
        y = torch.tensor(SMALL).repeat(len(SMALL)).to(getattr(torch, b))
        for op, f in OPS.items():
            z = f(x, y)
            cases["binary"].append({"a": a, "b": b, "op": op, "dtype": str(z.dtype)[6:], "result": listed(z)})
cases["small"] = SMALL

out = pathlib.Path(__file__).with_suffix(".json")
out.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
