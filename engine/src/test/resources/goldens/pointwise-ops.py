#!/usr/bin/env python3
"""Writes pointwise-ops.json: PyTorch's numbers for operations that neither ops.json nor more-ops.json has a case of.

    pointwise-ops.py > pointwise-ops.json

Computed by PyTorch 1.13 on a CPU, float64 unless an entry says otherwise; nan, inf and -inf are strings. A case: op and
args (by our names), inputs, outputs; grad_outputs and grad_inputs; where PyTorch differentiates twice, cotangents for
grad_inputs (vv) and the gradients of sum(grad_inputs * vv) by the inputs (gg_inputs) and the grad_outputs
(gg_grad_outputs). A case a line, each with numbers of its own seed: adding one changes no other.
"""
import json, math, zlib
import torch, torch.nn.functional as F

D, INF, NAN = torch.float64, math.inf, math.nan
CASES = []
made = {}


def R(*shape, lo=-2.0, hi=2.0):
    return torch.rand(shape, generator=G, dtype=D) * (hi - lo) + lo


def P(*shape):
    return R(*shape, lo=0.3, hi=2.5)


def V(*values):
    return torch.tensor(values, dtype=D)


def number(v):
    if isinstance(v, float) and not math.isfinite(v):
        return "nan" if math.isnan(v) else "inf" if v > 0 else "-inf"
    return v


def tensor(t):
    if t is None:
        return None
    data = [number(v) for v in t.detach().reshape(-1).tolist()]
    return {"shape": list(t.shape), "dtype": str(t.dtype).replace("torch.", ""), "data": data}


def case(op, f, inputs, args={}, grad=None, second=True):
    """`inputs` is a function, so that its random numbers come from the case's own seed."""
    global G
    made[op] = made.get(op, 0) + 1
    G = torch.Generator().manual_seed(zlib.crc32(f"{op} {made[op]}".encode()))
    x = [t.requires_grad_(t.is_floating_point() and (grad is None or i in grad)) for i, t in enumerate(inputs())]
    out = f(*x)
    outs = list(out) if isinstance(out, (tuple, list)) else [out]
    e = {"op": op, "args": args, "inputs": [dict(tensor(t), requires_grad=t.requires_grad) for t in x],
         "outputs": [tensor(o) for o in outs]}
    CASES.append(e)
    of, leaves = [o for o in outs if o.requires_grad], [t for t in x if t.requires_grad]
    if not of:
        return
    go = [R(*o.shape, lo=-1, hi=1).requires_grad_() for o in of]
    gi = torch.autograd.grad(of, leaves, go, create_graph=second, allow_unused=True)
    e.update(grad_outputs=[tensor(g) for g in go], grad_inputs=[tensor(g) for g in gi])
    present = [(g, R(*g.shape, lo=-1, hi=1)) for g in gi if g is not None]
    again = [(g, v) for g, v in present if g.requires_grad]
    if not second or not again:
        return
    gg = torch.autograd.grad([g for g, _ in again], leaves + go, [v for _, v in again], allow_unused=True)
    e.update(vv=[tensor(v) for _, v in present], gg_inputs=[tensor(g) for g in gg[:len(leaves)]],
             gg_grad_outputs=[tensor(g) for g in gg[len(leaves):]])


SHAPES = [((3, 4), (4,)), ((2, 1, 4), (3, 1)), ((), (2, 3)), ((2, 0), (1, 1))]


def unary(op, f, lo=-2.0, hi=2.0, args={}, **options):
    case(op, f, lambda: [R(3, 4, lo=lo, hi=hi)], args, **options)
    case(op, f, lambda: [R(lo=lo, hi=hi)], args, **options)


def binary(op, f, left=R, right=R, args={}, **options):
    for a, b in SHAPES:
        case(op, f, lambda: [left(*a), right(*b)], args, **options)


def edges(op, f, args={}):
    case(op, f, lambda: [V(-1, -0.5, 0, 0.5, 1, INF, -INF)], args, second=False)


# ---- functions of one number
unary("acosh", torch.acosh, 1.2, 3)
unary("erfc", torch.erfc)
unary("exp2", torch.exp2)
unary("frac", torch.frac)
unary("hardsigmoid", lambda x: F.relu6(x + 3) / 6)  # PyTorch's own takes a float32 of 1/6 for the derivative
case("hardsigmoid", F.hardsigmoid, lambda: [V(-4, -3, -1, 0, 1, 3, 4, NAN, INF, -INF)], grad=[])
unary("sinc", torch.sinc)
unary("tanhshrink", F.tanhshrink)
for l in (0.5, 1.0):
    unary("hardshrink", lambda x: F.hardshrink(x, l), args={"lambd": l})
    edges("hardshrink", lambda x: F.hardshrink(x, l), {"lambd": l})
    unary("softshrink", lambda x: F.softshrink(x, l), args={"lambd": l})
    edges("softshrink", lambda x: F.softshrink(x, l), {"lambd": l})
unary("threshold", lambda x: F.threshold(x, 0.1, 20), args={"threshold": 0.1, "value": 20.0})
case("threshold", lambda x: F.threshold(x, 0.5, 20), lambda: [V(0.5, 0.6, NAN)], {"threshold": 0.5, "value": 20.0},
     second=False)
edges("threshold", lambda x: F.threshold(x, 0.5, 20), {"threshold": 0.5, "value": 20.0})
unary("logit", torch.logit, 0.1, 0.9)
unary("logit", lambda x: torch.logit(x, 0.2), 0, 1, {"eps": 0.2})
case("nanToNum", lambda x: torch.nan_to_num(x, 1, 2, 3), lambda: [V(-1, 0, NAN, INF, -INF)],
     {"nan": 1.0, "posinf": 2.0, "neginf": 3.0}, second=False)
unary("nanToNum", torch.nan_to_num)
unary("clone", torch.clone)

# ---- of two and three
binary("copysign", torch.copysign)
binary("fmax", torch.fmax)
binary("fmin", torch.fmin)
for op, f in (("fmax", torch.fmax), ("fmin", torch.fmin)):
    case(op, f, lambda: [V(1, NAN, 2, NAN), V(1, 3, NAN, NAN)])
binary("xlogy", torch.xlogy, right=P)
case("xlogy", torch.xlogy, lambda: [V(0, 0, 0, 1), V(0, -1, NAN, 2)], second=False)
case("prelu", F.prelu, lambda: [R(2, 3, 4), P(3)])
case("prelu", F.prelu, lambda: [R(5), P(1)])
for v in (1.0, -0.5):
    case("addcmul", lambda a, b, c: torch.addcmul(a, b, c, value=v), lambda: [R(3, 4), R(4), R(3, 1)], {"value": v})
    case("addcdiv", lambda a, b, c: torch.addcdiv(a, b, c, value=v), lambda: [R(3, 4), R(4), P(3, 1)], {"value": v})

# ---- shapes and indices
case("view", lambda x: x.view(4, 6), lambda: [R(2, 3, 4)], {"shape": [4, 6]})
case("view", lambda x: x.view(-1, 2), lambda: [R(2, 3, 4)], {"shape": [-1, 2]})
case("nonzero", torch.nonzero, lambda: [torch.randint(2, (3, 4), generator=G)])

print('{"pytorch":%s,"cases":[' % json.dumps(torch.__version__))
print(",\n".join(json.dumps(c, separators=(",", ":")) for c in CASES))
print("]}")
