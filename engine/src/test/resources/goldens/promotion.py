"""Writes promotion.json beside it: torch.result_type of every pair of types, with dimensions, 0-dim, or as a number.

python3 promotion.py (PyTorch 1.13)
"""
import json
import pathlib

import torch

NAMES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"]
FORMS = ["dims", "zeroDim"]


def tensor(name, form):
    return torch.zeros([2] if form == "dims" else [], dtype=getattr(torch, name))


cases = []
for a in NAMES:
    for form in FORMS:
        for b in NAMES:
            for other in FORMS:
                result = torch.result_type(tensor(a, form), tensor(b, other))
                cases.append([a, form, b, other, str(result)[6:]])
        for number, value in [("long", 3), ("double", 1.5)]:
            result = torch.result_type(tensor(a, form), value)
            cases.append([a, form, number, "number", str(result)[6:]])

out = pathlib.Path(__file__).with_suffix(".json")
out.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
