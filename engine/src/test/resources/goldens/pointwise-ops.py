#!/usr/bin/env python3
"""Writes pointwise-ops.json: PyTorch's numbers for operations that neither ops.json nor more-ops.json has a case of.

    pointwise-ops.py > pointwise-ops.json

Computed by PyTorch 1.13 on a CPU, float64 unless an entry says otherwise; nan, inf and -inf are strings. A case: op and
args (by our names), inputs, outputs; grad_outputs and grad_inputs; where PyTorch differentiates twice, cotangents for
grad_inputs (vv) and the gradients of sum(grad_inputs * vv) by the inputs (gg_inputs) and the grad_outputs
(gg_grad_outputs). A case a line, each with numbers of its own seed: adding one changes no other.
"""
import json, math, pathlib, re, zlib
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
for op in ("logaddexp", "logaddexp2"):
    binary(op, getattr(torch, op))
    case(op, getattr(torch, op), lambda: [V(INF, -INF, 1000, -1000, NAN, 3, INF), V(INF, -INF, 999, INF, 1, -800, -INF)], grad=[])
case("xlogy", torch.xlogy, lambda: [V(0, 0, 0, 1), V(0, -1, NAN, 2)], second=False)
case("prelu", F.prelu, lambda: [R(2, 3, 4), P(3)])
case("prelu", F.prelu, lambda: [R(5), P(1)])
for v in (1.0, -0.5):
    case("addcmul", lambda a, b, c: torch.addcmul(a, b, c, value=v), lambda: [R(3, 4), R(4), R(3, 1)], {"value": v})
    case("addcdiv", lambda a, b, c: torch.addcdiv(a, b, c, value=v), lambda: [R(3, 4), R(4), P(3, 1)], {"value": v})

for mode in ("floor", "trunc"):
    f = lambda a, b: torch.div(a, b, rounding_mode=mode)
    binary("div", f, right=P, args={"roundingMode": mode})
    case("div", f, lambda: [V(-6, 6, -5, 5, 0, 1, INF, 1, 0.3), V(3, -3, 3, -3, 0, 0, 2, INF, 0.1)], {"roundingMode": mode})
    case("div", f, lambda: [torch.tensor([-7, 7, -7, 7, 6]), torch.tensor([2, 2, -2, -2, 3])], {"roundingMode": mode})
case("heaviside", torch.heaviside, lambda: [V(0, -1, 2, 0, NAN), V(7, 5, 5, NAN, 1)], grad=[])
case("heaviside", torch.heaviside, lambda: [torch.tensor([0, -1, 2]), torch.tensor([7])])
for op, f in (("clampMin", torch.clamp_min), ("clampMax", torch.clamp_max)):
    binary(op, f)
    case(op, f, lambda: [V(1, 2, 3, NAN, 1), V(2, 2, 2, 2, NAN)])
    case(op, f, lambda: [torch.tensor([1, 2, 3]), torch.tensor([2, 2, 2])])
case("clamp", torch.clamp, lambda: [R(3, 4), R(4, lo=-1, hi=0), R(3, 1, lo=0, hi=1)])
case("clamp", torch.clamp, lambda: [V(1, 2, 3, 2, 3, NAN, 2), V(2, 2, 2, 3, 3, 2, NAN), V(3, 2, 3, 1, 3, 3, 3)])
case("pow", torch.pow, lambda: [torch.tensor([3, 2, 1, -1, -1, 0, -3]), torch.tensor([39, -1, -3, -2, -3, 0, 3])])
case("addcmul", lambda a, b, c: torch.addcmul(a, b, c, value=2.5), lambda: [torch.tensor([1, -2]), torch.tensor([3, 4]),
     torch.tensor([5])], {"value": 2.5})

# ---- whole numbers
ints = lambda: [torch.tensor([1, -8, 0, 12345678901]), torch.tensor([3, 2, 70, 5])]
bools = lambda: [torch.tensor([True, True, False, False]), torch.tensor([True, False, True, False])]
for op, f in (("And", torch.bitwise_and), ("Or", torch.bitwise_or), ("Xor", torch.bitwise_xor)):
    case("bitwise" + op, f, ints)
    case("bitwise" + op, f, bools)
    case("logical" + op, getattr(torch, "logical_" + op.lower()), ints)
    case("logical" + op, getattr(torch, "logical_" + op.lower()), bools)
case("bitwiseLeftShift", torch.bitwise_left_shift, ints)
case("bitwiseRightShift", torch.bitwise_right_shift, ints)
for op, f in (("bitwiseNot", torch.bitwise_not), ("logicalNot", torch.logical_not)):
    case(op, f, lambda: ints()[:1])
    case(op, f, lambda: bools()[:1])
for op in ("isnan", "isinf", "isfinite", "isposinf", "isneginf"):
    case(op, getattr(torch, op), lambda: [V(0, 1, NAN, INF, -INF)], grad=[])
case("hardtanh", F.hardtanh, lambda: [torch.tensor([-3, 0, 3])])
case("relu6", F.relu6, lambda: [torch.tensor([-3, 3, 9])])
case("threshold", lambda x: F.threshold(x, 0, 5), lambda: [torch.tensor([-3, 0, 3])], {"threshold": 0.0, "value": 5.0})

# ---- special functions
unary("erfinv", torch.erfinv, -0.95, 0.95)
case("erfinv", torch.erfinv, lambda: [V(-1, 1, 0, 2, NAN, 0.999, -0.9999999, 1e-12)], grad=[])
# PyTorch's own trigamma, the derivative of digamma, is right to nine digits only.
unary("lgamma", torch.lgamma, 0.2, 5, second=False)
case("lgamma", torch.lgamma, lambda: [V(0, -1, -0.5, -3.7, 1e-5, 30, 1e6, INF, -INF, NAN)], grad=[])
unary("digamma", torch.digamma, 0.2, 5, grad=[])
case("digamma", torch.digamma, lambda: [V(0, -1, -0.5, -3.7, 1e-5, 30, 1e6, INF, -INF, NAN)], grad=[])
case("polygamma", lambda x: torch.polygamma(0, x), lambda: [P(4)], {"n": 0}, grad=[])
case("polygamma", lambda x: torch.special.zeta(V(2), x), lambda: [V(-0.5, -2.3, 0.1, 2, 30, 1000, NAN)], {"n": 1}, grad=[])
for n in (2, 3):
    unary("polygamma", lambda x: torch.polygamma(n, x), 0.3, 5, args={"n": n})
    case("polygamma", lambda x: torch.polygamma(n, x), lambda: [V(-0.5, -2.3, 0.1, 30, 1000, NAN)], {"n": n}, grad=[])
case("glu", lambda x: F.glu(x, 1), lambda: [R(3, 4)], {"dim": 1})
case("glu", lambda x: F.glu(x, -2), lambda: [R(4, 3)], {"dim": -2})

# ---- shapes and indices
case("view", lambda x: x.view(4, 6), lambda: [R(2, 3, 4)], {"shape": [4, 6]})
case("view", lambda x: x.view(-1, 2), lambda: [R(2, 3, 4)], {"shape": [-1, 2]})
case("nonzero", torch.nonzero, lambda: [torch.randint(2, (3, 4), generator=G)])

# ---- what no file has a case of: functions of one number that PyTorch has by their name
HERE = pathlib.Path(__file__).resolve().parent
for file in ("ops.json", "more-ops.json"):
    for e in json.loads((HERE / file).read_text())["cases"]:
        made.setdefault(e["op"], 0)
table = (HERE / "../../../../../examples/docs/ops.md").read_text()
for op, gradcheck in re.findall(r"^\| \w+ \(`(\w+)`\) \| loop in double.*?\| \d+ cases? \| (\w+)", table, re.M):
    name = re.sub("([A-Z])", lambda m: "_" + m[1].lower(), op)
    f = getattr(torch, name, None) or getattr(torch.special, name, None)
    if op in made or f is None:
        continue
    unary(op, f, 0.3, 2.5, grad=None if gradcheck == "yes" else [])
    case(op, f, lambda: [V(-2, -0.0, 0, 0.1, 1, 30, INF, -INF, NAN)], grad=[])

print('{"pytorch":%s,"cases":[' % json.dumps(torch.__version__))
print(",\n".join(json.dumps(c, separators=(",", ":")) for c in CASES))
print("]}")
