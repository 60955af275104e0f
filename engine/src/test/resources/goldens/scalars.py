"""Writes scalars.json beside it: what PyTorch gives for a number beside a tensor, by the kind of both.

python3 scalars.py (PyTorch 1.13)
"""
import json
import pathlib

import torch
import torch.nn.functional as F

BIG = 2**53 + 1
TENSORS = {
    "int64": [BIG, 5, -3, 2**62 + 1],
    "int32": [7, 5, -3, 2**31 - 1],
    "uint8": [7, 5, 253, 1],
    "bool": [1, 0, 1, 0],
    "float32": [7, 5.5, -3, 0],
    "float64": [7, 5.5, -3, 0],
}
MASK = torch.tensor([False, True, False, True])
AT = torch.tensor([1, 3])
CALLS = {
    "add": lambda x, v: x.add(v),
    "addAlpha": lambda x, v: x.add(x, alpha=v),
    "addAlpha_": lambda x, v: x.add_(x.clone(), alpha=v),
    "subAlpha": lambda x, v: x.sub(x, alpha=v),
    "mul_": lambda x, v: x.mul_(v),
    "rsub": lambda x, v: torch.rsub(x, v),
    "divFloor": lambda x, v: x.div(v, rounding_mode="floor"),
    "floorDivide": lambda x, v: x.div(v, rounding_mode="floor"),
    "remainder": lambda x, v: x.remainder(v),
    "fmod": lambda x, v: x.fmod(v),
    "pow": lambda x, v: x.pow(v),
    "pow_": lambda x, v: x.pow_(v),
    "clamp": lambda x, v: x.clamp(v, v),
    "clamp_": lambda x, v: x.clamp_(v, v),
    "clampMin": lambda x, v: x.clamp_min(v),
    "clampMin_": lambda x, v: x.clamp_min_(v),
    "clampMax": lambda x, v: x.clamp_max(v),
    "hardtanh": lambda x, v: F.hardtanh(x, -1, v),
    "hardtanh_": lambda x, v: F.hardtanh_(x, -1, v),
    "threshold": lambda x, v: F.threshold(x, v, v),
    "threshold_": lambda x, v: F.threshold_(x, v, v),
    "addcmul": lambda x, v: x.addcmul(x, x, value=v),
    "fill_": lambda x, v: x.fill_(v),
    "full": lambda x, v: torch.full([2], v),
    "fullOfType": lambda x, v: torch.full([2], v, dtype=x.dtype),
    "newFull": lambda x, v: x.new_full([2], v),
    "fullLike": lambda x, v: torch.full_like(x, v),
    "maskedFill": lambda x, v: x.masked_fill(MASK, v),
    "maskedFill_": lambda x, v: x.masked_fill_(MASK, v),
    "indexFill": lambda x, v: x.index_fill(0, AT, v),
    "indexFill_": lambda x, v: x.index_fill_(0, AT, v),
    "scatter": lambda x, v: x.scatter(0, AT, v),
    "indexAdd": lambda x, v: x.index_add(0, AT, x[:2], alpha=v),
    "pad": lambda x, v: F.pad(x, (1, 0), value=v),
    "eq": lambda x, v: x.eq(v),
    "lt": lambda x, v: x.lt(v),
}
# PyTorch's sub refuses bool, its addcmul has no kernel for it: refused here as well, or not a number's matter
SKIPPED = {("addcmul", "bool")}
BOUNDS = ("clamp", "clamp_", "clampMin", "clampMin_", "clampMax", "threshold", "threshold_")


def listed(t):
    return [str(v) if isinstance(v, float) else int(v) for v in t.tolist()]


cases = []
for name, call in CALLS.items():
    for dtype, numbers in TENSORS.items():
        for value in [2, BIG, 300, -1, 2.0, 1.5, 1e30, float("nan")]:
            if (name, dtype) in SKIPPED or name in ("floorDivide", "divFloor") and value != value:
                continue
            if name == "pad" and (value == BIG or value == -1):
                continue  # PyTorch's pad takes its number as a double
            if name in BOUNDS and dtype == "uint8" and value == -1:
                continue  # PyTorch wraps the bound around: all is below it
            case = {"call": name, "dtype": dtype, "numbers": numbers}
            case["value"] = str(value) if isinstance(value, float) else value
            try:
                out = call(torch.tensor(numbers, dtype=getattr(torch, dtype)), value)
                case |= {"result": str(out.dtype)[6:], "values": listed(out)}
            except (RuntimeError, TypeError) as e:
                case["error"] = str(e).split("\n")[0]
            cases.append(case)

out = pathlib.Path(__file__).with_suffix(".json")
out.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
