#!/usr/bin/env python3
"""Writes overlaps.json: which in-place calls PyTorch refuses when numbers are shown several times, or by an operand, too.

    overlaps.py > overlaps.json

Computed by PyTorch 1.13 on a CPU. A line a call x.op_(y), by the pairs of `pairs`, which `OverlapTest` makes in the same
way: "ok", "more" (the target shows a number more than once), "some" (it shares some with y), or "error" for another.
"""
import json
import torch, torch.nn.functional as F

FIRST, ZEROS = torch.tensor([0]), lambda x: torch.zeros(x.shape, dtype=torch.int64)


def pairs():
    b = lambda: (torch.arange(16.0) + 1) / 17
    s = lambda: b().reshape(4, 4)
    q = lambda: b()[:9].reshape(3, 3).clone()
    yield "expanded", torch.ones(1, 4).expand(3, 4), torch.ones(3, 4)
    yield "expanded and empty", torch.ones(1, 0).expand(3, 0), torch.ones(3, 0)
    yield "empty", torch.ones(0, 1).expand(0, 3), torch.ones(0, 3)
    t = b(); yield "windows", t.as_strided((3, 4), (2, 1)), torch.ones(3, 4)
    t = b(); yield "shifted", t[0:8].reshape(2, 4), t[4:12].reshape(2, 4)
    t = q(); yield "itself", t, t
    t = q(); yield "a view of itself", t, t.view(3, 3)
    t = q(); yield "transposed", t, t.t()
    t = q(); yield "a row of it", t, t[0]
    t = q(); yield "a row of it expanded", t, t[0:1].expand(3, 3)
    t = s(); yield "columns", t[:, 0:3], t[:, 1:4]
    t = s(); yield "the same columns", t[:, 0:3], t[:, 0:3]
    t = s(); yield "other rows", t[0:2], t[2:4]
    t = b(); yield "between", t[0::2], t[1::2]
    t = b(); yield "one further", t[1:], t[:-1]


CALLS = {op + "_": (lambda op: lambda x, y: getattr(x, op)(y))(op.lower() + "_") for op in "add sub mul div pow atan2 copysign fmod hypot remainder xlogy heaviside eq lt copy".split()}
CALLS |= {
    "lerp_": lambda x, y: x.lerp_(y, 0.5), "addcmul_": lambda x, y: x.addcmul_(y, y), "clamp_": lambda x, y: x.clamp_(y, y),
    "logicalAnd_": lambda x, y: x.logical_and_(y), "floorDivide_": lambda x, y: x.floor_divide_(y),
    "maskedFill_": lambda x, y: x.masked_fill_(y > 0, 1.0), "maskedScatter_": lambda x, y: x.masked_scatter_(torch.ones(x.shape).bool(), y.expand(x.shape)),
    "indexAdd_": lambda x, y: x.index_add_(0, FIRST, y[:1]), "indexCopy_": lambda x, y: x.index_copy_(0, FIRST, y[:1]), "indexFill_": lambda x, y: x.index_fill_(0, FIRST, 2.0),
    "scatter_": lambda x, y: x.scatter_(0, ZEROS(x), y), "scatterAdd_": lambda x, y: x.scatter_add_(0, ZEROS(x), y), "put_": lambda x, y: x.put_(FIRST, y.reshape(-1)[:1]),
    "fill_": lambda x, y: x.fill_(2.0), "zero_": lambda x, y: x.zero_(), "exp_": lambda x, y: x.exp_(), "neg_": lambda x, y: x.neg_(), "relu_": lambda x, y: x.relu_(),
    "threshold_": lambda x, y: F.threshold_(x, 0.5, 9), "uniform_": lambda x, y: x.uniform_(), "normal_": lambda x, y: x.normal_(), "bernoulli_": lambda x, y: x.bernoulli_(0.5), "exponential_": lambda x, y: x.exponential_(),
    "cumsum_": lambda x, y: x.cumsum_(0), "cumprod_": lambda x, y: x.cumprod_(0), "nanToNum_": lambda x, y: x.nan_to_num_()}


def answer(f, x, y):
    try:
        f(x, y)
        return "ok"
    except (RuntimeError, IndexError) as e:
        return "more" if "more than one element" in str(e) else "some" if "some elements" in str(e) else "error"


print("{")
print(",\n".join(json.dumps(op) + ": " + json.dumps({name: answer(f, x, y) for name, x, y in pairs()}) for op, f in CALLS.items()))
print("}")
