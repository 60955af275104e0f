"""Writes random-draws.json: what PyTorch draws into tensors of several layouts after manual_seed, and its next number.

A case: the method with its numbers, the layout it is called on, the dtype; the values in row-major order, and
torch.rand(1) after it, which shows that the generator moved as far.
"""
import json
import math
import os
import warnings
import torch

warnings.simplefilter("ignore")
SEED = 11
TYPES = {"float32": torch.float32, "float64": torch.float64, "int64": torch.int64, "int32": torch.int32,
         "bool": torch.bool, "uint8": torch.uint8, "int8": torch.int8, "int16": torch.int16}


def layouts(base):
    """Of a contiguous tensor of 4 x 6 x 2 numbers."""
    return {
        "row": base.flatten()[:7],
        "row16": base.flatten()[:16],
        "row37": base.flatten()[:37],
        "offset": base.flatten()[3:24],
        "scalar": base[0, 0, 0],
        "empty": base[:0],
        "whole": base,
        "transposed": base.transpose(0, 2),
        "transposed small": base[0, :3].t(),
        "permuted": base.permute(1, 2, 0),
        "step 2": base.flatten()[::2],
        "step 2 small": base.flatten()[:9:2],
        "columns": base[:, 1:3],
        "column": base[:, 1, 1],
        "steps transposed": base[:, ::2].transpose(0, 1),
        "one wide": base[:, :1].transpose(0, 1),
    }


IN_PLACE = {
    "uniform_": ([], [-1.5, 2.5]),
    "normal_": ([], [1.5, 2.5]),
    "bernoulli_": ([0.3],),
    "exponential_": ([], [2.5]),
    "geometric_": ([0.3],),
    "log_normal_": ([], [0.5, 0.25]),
    "cauchy_": ([], [1.0, 0.5]),
}
WHOLE = {"random_": ([], [100], [-5, 5], [0, 2**33])}


def text(v):
    if isinstance(v, float) and not math.isfinite(v):
        return "nan" if math.isnan(v) else "inf" if v > 0 else "-inf"
    return v


cases = []


def case(op, args, layout, dtype, call):
    torch.manual_seed(SEED)
    try:
        out = call()
    except RuntimeError:
        return
    cases.append(dict(op=op, args=args, layout=layout, dtype=dtype, type=str(out.dtype).split(".")[1], shape=list(out.shape),
                      values=[text(v) for v in out.reshape(-1).tolist()], next=torch.rand(1).item()))


for dtype, t in TYPES.items():
    few = dtype not in ("float32", "float64")
    for name in layouts(torch.zeros(4, 6, 2)):
        if few and name not in ("row", "transposed"):
            continue
        make = lambda: layouts(torch.zeros(4, 6, 2, dtype=t))[name]
        for op, many in {**IN_PLACE, **WHOLE}.items():
            for args in many:
                case(op, args, name, dtype, lambda: getattr(make(), op)(*args))
        if few:
            continue
        torch.manual_seed(3)
        p = torch.rand(4, 6, 2, dtype=t)
        chances = lambda: layouts(p)[name]
        case("rand_like", [], name, dtype, lambda: torch.rand_like(make()))
        case("randn_like", [], name, dtype, lambda: torch.randn_like(make()))
        case("dropout", [0.4], name, dtype, lambda: torch.dropout(make().fill_(1), 0.4, True))
        case("alpha_dropout", [0.4], name, dtype, lambda: torch.alpha_dropout(make().fill_(1), 0.4, True))
        case("bernoulli", [], name, dtype, lambda: torch.bernoulli(chances()))
        case("bernoulli_ p", [], name, dtype, lambda: make().bernoulli_(chances()))
        case("bernoulli_ one p", [], name, dtype, lambda: make().bernoulli_(torch.tensor(0.3, dtype=torch.float64)))
        case("normal tensors", [], name, dtype, lambda: torch.normal(chances(), chances() * 2))
        case("normal mean", [1.5], name, dtype, lambda: torch.normal(chances(), 1.5))
        case("normal std", [1.5], name, dtype, lambda: torch.normal(1.5, chances()))
        if chances().dim() in (1, 2) and chances().numel():
            case("multinomial", [2, 0], name, dtype, lambda: torch.multinomial(chances(), 2))
            case("multinomial", [1, 1], name, dtype, lambda: torch.multinomial(chances(), 1, True))
            case("multinomial", [5, 1], name, dtype, lambda: torch.multinomial(chances(), 5, True))

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "random-draws.json"), "w") as f:
    json.dump(dict(torch=torch.__version__, seed=SEED, cases=cases), f, separators=(",", ":"))
    f.write("\n")
