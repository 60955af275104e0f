#!/usr/bin/env python3
"""Writes subgradients.json: PyTorch's numbers where operations are not smooth, at infinities, NaN, ties and empty reductions.

    subgradients.py > subgradients.json

Computed by PyTorch 1.13 on a CPU; nan, inf and -inf are strings. A case is one of pointwise-ops.py: op and args (by our
names), inputs, outputs, grad_outputs and grad_inputs, and where PyTorch differentiates twice vv, gg_inputs and
gg_grad_outputs. Elementwise operations have a case in float64, one in float32, and one whose upstream gradient is 0,
which tells a masked derivative from a product. A case a line.
"""
import itertools, json, math, warnings
import torch, torch.nn.functional as F

warnings.filterwarnings("ignore")
D, S, INF, NAN = torch.float64, torch.float32, math.inf, math.nan
CASES = []
UPSTREAM, COTANGENTS = [1, -0.5, 2, 0.75, -1.25], [1, 2, -1, 0.5]


def V(*values, dtype=D):
    return torch.tensor(values, dtype=dtype)


def L(*values):
    return torch.tensor(values)


def number(v):
    if isinstance(v, float) and not math.isfinite(v):
        return "nan" if math.isnan(v) else "inf" if v > 0 else "-inf"
    return v


def tensor(t):
    if t is None:
        return None
    t = torch.zeros(t.shape, dtype=t.dtype) if t._is_zerotensor() else t.detach()
    data = [number(v) for v in t.reshape(-1).tolist()]
    return {"shape": list(t.shape), "dtype": str(t.dtype).replace("torch.", ""), "data": data}


def pattern(like, values, factor=1.0):
    n = like.numel()
    line = [factor * v for v in itertools.islice(itertools.cycle(values), n)]
    return torch.tensor(line, dtype=like.dtype).reshape(like.shape)


def case(op, f, inputs, args={}, grad=None, second=True, upstream=1.0, tolerance=None):
    """`grad` names the inputs that require a gradient, all floating ones unless told."""
    x = [t.clone().requires_grad_(t.is_floating_point() and (grad is None or i in grad)) for i, t in enumerate(inputs)]
    out = f(*x)
    outs = list(out) if isinstance(out, (tuple, list)) else [out]
    e = {"op": op, "args": {k: number(v) for k, v in args.items()},
         "inputs": [dict(tensor(t), requires_grad=t.requires_grad) for t in x], "outputs": [tensor(o) for o in outs]}
    if tolerance:
        e["tolerance"] = tolerance
    if op in ("topk", "kthvalue", "mode"):
        e["choice"] = "of equal elements as PyTorch's loops make it"
    CASES.append(e)
    of, leaves = [o for o in outs if o.requires_grad], [t for t in x if t.requires_grad]
    if not of:
        return
    go = [pattern(o, UPSTREAM, upstream).requires_grad_() for o in of]
    try:
        gi = torch.autograd.grad(of, leaves, go, create_graph=second, allow_unused=True, retain_graph=True)
    except RuntimeError as x:
        if "implemented" not in str(x):
            raise
        second, gi = False, torch.autograd.grad(of, leaves, go, allow_unused=True)
    e.update(grad_outputs=[tensor(g) for g in go], grad_inputs=[tensor(g) for g in gi])
    present = [(g, pattern(g, COTANGENTS)) for g in gi if g is not None]
    again = [(g, v) for g, v in present if g.requires_grad]
    if not second or not again:
        return
    try:
        gg = torch.autograd.grad([g for g, _ in again], leaves + go, [v for _, v in again], allow_unused=True)
    except RuntimeError:
        return
    e.update(vv=[tensor(v) for _, v in present], gg_inputs=[tensor(g) for g in gg[:len(leaves)]],
             gg_grad_outputs=[tensor(g) for g in gg[len(leaves):]])


def full(t):
    """Cycled to a multiple of 16 numbers: PyTorch's loops over vectors give NaN another slope than its scalar ones,
    through which short tensors and the last numbers of others go."""
    n = t.numel()
    return t if n < 2 else torch.cat([t] * (1 + 15 // n + 1))[:(n + 15) // 16 * 16]


def pointwise(op, f, inputs, args={}, **options):
    inputs = [full(t) for t in inputs]
    case(op, f, inputs, args, **options)
    case(op, f, inputs, args, upstream=0.0, **options)
    case(op, f, [t.to(S) if t.is_floating_point() else t for t in inputs], args, **options)


SPECIAL = [-INF, -3, -1, -0.5, -0.0, 0, 0.5, 1, 3, INF, NAN]


def unary(op, f, args={}, points=(), **options):
    pointwise(op, f, [V(*SPECIAL, *points)], args, **options)


PAIRS = list(zip(*itertools.product([-INF, -2, -0.5, -0.0, 0, 1, 3, INF, NAN], repeat=2)))


def binary(op, f, args={}, **options):
    pointwise(op, f, [V(*PAIRS[0]), V(*PAIRS[1])], args, **options)


# ---- functions of one number
for name in ("abs acos acosh asin asinh atan atanh ceil cos cosh erf erfc erfinv exp exp2 expm1 floor frac log log10 "
             "log1p log2 neg reciprocal relu round rsqrt sigmoid sign sin sinc sinh sqrt square tan tanh trunc").split():
    unary(name, getattr(torch, name), points=(1.5, 2.5, -1.5, 2, -2, 100, -100))
for name in "hardtanh relu6 selu elu celu silu softsign tanhshrink gelu".split():
    unary(name, getattr(F, name), points=(4, -4, 6, 7, 100, -100))
unary("mish", F.mish, points=(4, -4))
unary("hardswish", F.hardswish, points=(4, -4))
for dtype in (D, S):  # short tensors go through scalar loops, which have other slopes at NaN, and of hardswish at 3
    for x in (V(NAN, 1, -1, 3, 0, -3, 6, dtype=dtype), V(NAN, INF, -INF, dtype=dtype)):
        for name in "hardswish hardtanh relu6 selu elu celu".split():
            case(name, getattr(F, name), [x])
        for name in "hardshrink softshrink".split():
            case(name, lambda x: getattr(F, name)(x, 0.5), [x], {"lambd": 0.5})
unary("hardsigmoid", F.hardsigmoid, points=(4, -4, 6), tolerance=1e-7)  # PyTorch takes a float32 of 1/6 for the slope
unary("logsigmoid", F.logsigmoid, points=(1000, -1000))
unary("gelu", lambda x: F.gelu(x, approximate="tanh"), {"approximate": "tanh"}, points=(100, -100))
for alpha in (0.7, 2.0):
    unary("elu", lambda x: F.elu(x, alpha), {"alpha": alpha}, points=(1000, -1000))
    unary("celu", lambda x: F.celu(x, alpha), {"alpha": alpha}, points=(1000, -1000), tolerance=1e-7)  # 1/alpha is a float32
for slope in (0.01, 0.2, 0.0):
    unary("leakyRelu", lambda x: F.leaky_relu(x, slope), {"negativeSlope": slope})
for lo, hi in ((-0.5, 0.5), (0.0, 1.0), (-1.0, 3.0)):
    unary("hardtanh", lambda x: F.hardtanh(x, lo, hi), {"minVal": lo, "maxVal": hi})
    unary("clamp", lambda x: x.clamp(lo, hi), {"min": lo, "max": hi})
for lo, hi in ((NAN, 1.0), (-1.0, NAN), (NAN, NAN), (1.0, -1.0), (-INF, 0.0), (0.0, INF), (INF, INF)):
    unary("clamp", lambda x: x.clamp(lo, hi), {"min": lo, "max": hi})
for b in (0.0, -0.5, NAN, INF, -INF):
    unary("clampMin", lambda x: x.clamp_min(b), {"min": b})
    unary("clampMax", lambda x: x.clamp_max(b), {"max": b})
for l in (0.0, 0.5, 1.0, 3.0):
    unary("hardshrink", lambda x: F.hardshrink(x, l), {"lambd": l})
    unary("softshrink", lambda x: F.softshrink(x, l), {"lambd": l})
for beta, threshold in ((1.0, 20.0), (2.0, 1.0), (0.5, 1.5), (-1.0, 3.0)):
    unary("softplus", lambda x: F.softplus(x, beta, threshold), {"beta": beta, "threshold": threshold},
          points=(20, 21, 19, 1000, -1000))
for t, v in ((0.5, 9.0), (0.0, 0.0), (-1.0, NAN), (NAN, 2.0), (INF, 1.0)):
    unary("threshold", lambda x: F.threshold(x, t, v), {"threshold": t, "value": v})
for eps in (0.2, 0.0, 0.5):
    unary("logit", lambda x: torch.logit(x, eps), {"eps": eps}, points=(0.2, 0.8, 0.1, 0.9))
unary("logit", torch.logit, points=(0.2, 0.8, -1e-9, 1 + 1e-9))
unary("nanToNum", torch.nan_to_num)
unary("nanToNum", lambda x: torch.nan_to_num(x, 1, 2, 3), {"nan": 1.0, "posinf": 2.0, "neginf": 3.0})
for e in (0.0, 0.5, 1.0, 2.0, 3.0, -1.0, -2.0, -0.5, 1.5, INF, -INF, NAN):
    unary("pow", lambda x: x.pow(e), {"exponent": e}, points=(2, -2))
for d in (-1, 1, 2):
    unary("round", lambda x: torch.round(x, decimals=d), {"decimals": d}, points=(15, 25, 0.15, 0.25, 0.125))
# PyTorch's trigamma, the derivative of digamma, is right to nine digits only, and not at all below 0.
unary("lgamma", torch.lgamma, points=(-1.5, -2, 2, 100), second=False, tolerance=1e-6)
unary("digamma", torch.digamma, points=(-1.5, -2, 2, 100), grad=[])
for n in (2, 3):  # at infinity PyTorch has NaN for 0
    pointwise("polygamma", lambda x: torch.polygamma(n, x), [V(*SPECIAL[1:-2], NAN, -1.5, -2, 2, 100)], {"n": n}, grad=[],
              tolerance=1e-6)

# ---- of two and three
for name in ("atan2 hypot copysign maximum minimum fmax fmin fmod remainder xlogy pow").split():
    binary(name, getattr(torch, name))
for mode in ("floor", "trunc"):
    binary("div", lambda a, b: torch.div(a, b, rounding_mode=mode), {"roundingMode": mode})
for name in "add sub mul div".split():
    binary(name, getattr(torch, name))
for name in ("clampMin", "clampMax"):
    binary(name, getattr(torch, "clamp_min" if name == "clampMin" else "clamp_max"))
binary("heaviside", torch.heaviside, grad=[])
binary("prelu", lambda a, b: F.prelu(a.reshape(1, -1), b).reshape(-1), {"channels": True})
pointwise("prelu", F.prelu, [V(*SPECIAL), V(0.25)])
for b in (0.0, INF, -INF, NAN, 3.0, -3.0):
    unary("fmod", lambda x: x.fmod(b), {"other": b}, points=(7, -7))
    unary("remainder", lambda x: x.remainder(b), {"other": b}, points=(7, -7))
    unary("copysign", lambda x: x.copysign(b), {"other": b})
unary("copysign", lambda x: x.copysign(-0.0), {"other": -0.0})
TRIPLES = list(zip(*itertools.product([-INF, 0, 1, 2, NAN], repeat=3)))
pointwise("clamp", torch.clamp, [V(*t) for t in TRIPLES])
pointwise("lerp", torch.lerp, [V(*t) for t in zip(*itertools.product([-INF, 0, 2, INF, NAN], [-INF, 1, INF, NAN],
                                                                      [0, 0.25, 0.5, 1, 2, -1, INF, NAN]))])
ABC = [V(*t) for t in zip(*itertools.product([0, 1, NAN, INF], [-2, 0, INF, NAN], [-2, 0, INF, NAN]))]
for v in (0.0, 1.0, -0.5, INF, NAN):
    pointwise("addcmul", lambda a, b, c: torch.addcmul(a, b, c, value=v), ABC, {"value": v})
    pointwise("addcdiv", lambda a, b, c: torch.addcdiv(a, b, c, value=v), ABC, {"value": v})
    case("add", lambda a, b: torch.add(a, b, alpha=v), ABC[:2], {"alpha": v})
    case("sub", lambda a, b: torch.sub(a, b, alpha=v), ABC[:2], {"alpha": v})
for w in (0.0, 0.5, 1.0, 2.0, INF, NAN):
    case("lerp", lambda a, b: torch.lerp(a, b, w), ABC[:2], {"weight": w})
case("where", lambda a, b: torch.where(a > 0, a, b), [V(1, -1, NAN, INF), V(INF, NAN, 2, NAN)], {"condition": "x > 0"})
case("where", lambda a, b: torch.where(a > 0, a, b), [V(1, -1, NAN, INF), V(INF, NAN, 2, NAN)], {"condition": "x > 0"},
     upstream=0.0)
case("maskedFill", lambda a: a.masked_fill(a > 0, NAN), [V(1, -1, NAN, INF)], {"value": NAN})

# ---- reductions
ROWS = V([1, 2, 3, 4], [0, 0, 0, 0], [0, 2, 0, -3], [2, 2, 1, 2], [-5, -5, 5, 1], [1, NAN, 3, NAN], [INF, 1, INF, -INF],
         [-INF, -INF, -INF, -INF], [NAN, NAN, NAN, NAN], [-0.0, 0, -0.0, 0], [INF, 2, 1, 0], [1, -INF, 2, 0.5],
         [0, INF, 1, 0], [0, NAN, 0, 1])
# Without infinities: the gradients of products are quotients in PyTorch, NaN beside an infinity where they are infinite.
FINITE = ROWS[ROWS.isfinite().all(1)]
# logsumexp of nothing but -inf has the gradient 0 here and NaN in PyTorch.
SOME = ROWS[ROWS.ne(-INF).any(1)]
NONE, EMPTY = torch.zeros(3, 0, dtype=D), torch.zeros(0, 3, dtype=D)


def rows(op, f, args={}, empty=True, of=ROWS, **options):
    case(op, f, [of], args, **options)
    case(op, f, [of.to(S)], args, **options)
    case(op, f, [of], args, upstream=0.0, **options)
    case(op, f, [EMPTY], args, **options)
    if empty:
        case(op, f, [NONE], args, **options)


P1 = {"dim": [1], "keepdim": False}
D1 = {"dim": 1, "keepdim": False}
for name in "sum mean nansum".split():
    rows(name, lambda x: getattr(x, name)(1), P1)
rows("logsumexp", lambda x: x.logsumexp(1), P1, of=SOME)
rows("nanmean", lambda x: x.nanmean(1), P1)
for name in "amax amin".split():
    rows(name, lambda x: getattr(x, name)(1), P1, empty=False)
rows("aminmax", lambda x: tuple(x.aminmax(dim=1)), D1, empty=False, grad=[])
for name in "max min median nanmedian mode".split():  # which NaN it is where all are is left to the sort
    rows(name, lambda x: tuple(getattr(x, name)(1)), D1, empty=False,
         of=ROWS[~ROWS.isnan().all(1)] if name == "nanmedian" else ROWS)
rows("prod", lambda x: x.prod(1), D1, of=FINITE)
for c in (0, 1, 3, 4, 5):
    a = dict(P1, correction=c)
    rows("var", lambda x: torch.var(x, 1, correction=c), a)
    rows("std", lambda x: torch.std(x, 1, correction=c), a)
    rows("varMean", lambda x: torch.var_mean(x, 1, correction=c), a)
    rows("stdMean", lambda x: torch.std_mean(x, 1, correction=c), a)
for p in (-INF, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, INF):
    rows("norm", lambda x: x.norm(p, 1), {"p": p, "dim": 1}, empty=math.isfinite(p) and p >= 0)
    case("norm", lambda x: x.norm(p), [V(3, 0, -4)], {"p": p})
    case("norm", lambda x: x.norm(p), [V(0, 0)], {"p": p})
    case("norm", lambda x: x.norm(p), [V(2).reshape(())], {"p": p})
    case("dist", lambda a, b: a.dist(b, p), [V(3, 0, 1), V(0, 0, 1)], {"p": p}, grad=[] if p == 0 else None)
    case("dist", lambda a, b: a.dist(b, p), [V(1, 2), V(1, 2)], {"p": p}, grad=[] if p == 0 else None)
    case("dist", lambda a, b: a.dist(b, p), [V(1, NAN), V(1, INF)], {"p": p}, grad=[] if p == 0 else None)
    case("pairwiseDistance", lambda a, b: F.pairwise_distance(a, b, p, 0.0), [ROWS[:6], ROWS[0]],
         {"p": p, "eps": 0.0, "keepdim": False})
for p in (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, INF):
    for a, b in ((ROWS[:5], ROWS[1:4]), (ROWS[4:9], ROWS[[0, 5, 6]]), (NONE, NONE), (EMPTY, ROWS[:2, :3])):
        case("cdist", lambda a, b: torch.cdist(a, b, p, compute_mode="donot_use_mm_for_euclid_dist"), [a, b], {"p": p})
    if p > 0:
        case("renorm", lambda x: x.renorm(p, 0, 1.5), [ROWS[:5]], {"p": p, "dim": 0, "maxnorm": 1.5})
        case("renorm", lambda x: x.renorm(p, 0, 1.5), [ROWS[5:]], {"p": p, "dim": 0, "maxnorm": 1.5})
for name in "cumsum cumprod softmax logSoftmax".split():
    torchs = {"logSoftmax": "log_softmax"}.get(name, name)
    rows(name, lambda x: getattr(x, torchs)(1), {"dim": 1}, of=FINITE if name == "cumprod" else ROWS)
case("logcumsumexp", lambda x: x.logcumsumexp(1), [FINITE], {"dim": 1})
for name in "cummax cummin".split():
    rows(name, lambda x: tuple(getattr(x, name)(1)), {"dim": 1})
for desc in (False, True):
    rows("sort", lambda x: tuple(x.sort(dim=1, stable=True, descending=desc)), {"dim": 1, "descending": desc})
TIES = V([2, 1, 2, 1, 1, 2, 0, 2], [0, 0, 0, 0, 0, 0, 0, 0], [3, 1, 3, 1, 2, 2, 1, 3], [NAN, 1, NAN, 1, 0, NAN, 1, 0])
for k in range(1, 9):
    for largest in (True, False):
        case("topk", lambda x: tuple(x.topk(k, 1, largest=largest)), [TIES], {"k": k, "dim": 1, "largest": largest})
    case("kthvalue", lambda x: tuple(x.kthvalue(k, 1)), [TIES], {"k": k, "dim": 1, "keepdim": False})
for name in "max min median nanmedian mode".split():
    case(name, lambda x: tuple(getattr(x, name)(1)), [TIES], D1)
rows("kthvalue", lambda x: tuple(x.kthvalue(2, 1)), {"k": 2, "dim": 1, "keepdim": False}, empty=False)
for row in FINITE:
    case("prod", lambda x: x.prod(), [row])
for row in ROWS:
    for name in "max min median nanmedian sum mean nansum nanmean norm var std".split():
        case(name, lambda x: getattr(x, name)(), [row])
    case("unique", lambda x: x.unique(return_inverse=True, return_counts=True), [row], grad=[])
    case("uniqueConsecutive", lambda x: x.unique_consecutive(return_inverse=True, return_counts=True), [row], grad=[])
    case("histc", lambda x: x.histc(3, -1, 2), [row], {"bins": 3, "min": -1.0, "max": 2.0}, grad=[])
for name in "median nanmedian prod sum mean nansum nanmean norm var std".split():
    case(name, lambda x: getattr(x, name)(), [torch.zeros(0, dtype=D)], second=False)
    case(name, lambda x: getattr(x, name)(), [V(2).reshape(())], second=name not in ("var", "std"))
case("histc", lambda x: x.histc(3, 0, 0), [V(1, 2, 2, 5)], {"bins": 3, "min": 0.0, "max": 0.0}, grad=[])
case("histc", lambda x: x.histc(3, 0, 0), [V(2, 2)], {"bins": 3, "min": 0.0, "max": 0.0}, grad=[])
case("unique", lambda x: x.unique(return_inverse=True, return_counts=True), [V(NAN, 1, NAN, -0.0, 0, 1)], grad=[])
for r in (False, True):
    case("searchsorted", lambda s, v: torch.searchsorted(s, v, right=r), [V(-INF, 0, 0, 1, INF, NAN), V(*SPECIAL)],
         {"right": r}, grad=[])
    case("bucketize", lambda v, b: torch.bucketize(v, b, right=r), [V(*SPECIAL), V(-INF, 0, 0, 1, INF)], {"right": r},
         grad=[])
case("cosineSimilarity", lambda a, b: F.cosine_similarity(a, b, 1), [ROWS, ROWS[:1]], {"dim": 1})
for eps in (2.0, 6.0):
    case("cosineSimilarity", lambda a, b: F.cosine_similarity(a, b, 1, eps), [ROWS[:4], ROWS[:1]], {"dim": 1, "eps": eps})

# ---- products added to a receiver: a coefficient of 0 (alpha 0 reads NaN in OpenBLAS's kernels for small matrices: ours no)
A, B, C = V([1, 2], [3, 4]), V([1, NAN], [0, 2]), V([NAN, 1], [2, INF])
for beta, alpha in ((0.0, 1.0), (1.0, 0.0), (0.0, 0.0), (0.5, 0.0), (0.0, 2.0), (2.0, 3.0)):
    k = {"beta": beta, "alpha": alpha}
    for dtype in (D, S):
        a, b, c = A.to(dtype), B.to(dtype), C.to(dtype)
        for other in (a, b) if alpha else (a,):
            case("addmm", lambda c, a, b: torch.addmm(c, a, b, **k), [c, a, other], k)
            case("baddbmm", lambda c, a, b: torch.baddbmm(c, a, b, **k), [c, a[None], other[None]], k)
            case("addbmm", lambda c, a, b: torch.addbmm(c, a, b, **k), [c, a[None], other[None]], k)
        for other in (a, b):
            case("addmv", lambda c, a, b: torch.addmv(c, a, b, **k), [c[0], a, other[1]], k)
            case("addr", lambda c, a, b: torch.addr(c, a, b, **k), [c, a[0], other[0]], k)
        case("addmv", lambda c, a, b: torch.addmv(c, a, b, **k), [c[1], a, b[0]], k, grad=None if alpha else [])
    case("addmm", lambda c, a, b: torch.addmm(c, a, b, **k), [C, torch.zeros(2, 0, dtype=D), torch.zeros(0, 2, dtype=D)], k)
    w = [L([5, 6], [7, 8]), L([1, 2], [3, 4]), L([1, 0], [2, 1])]
    case("addmm", lambda c, a, b: torch.addmm(c, a, b, beta=int(beta), alpha=int(alpha)), w, k)

# ---- losses
for reduction in ("mean", "sum", "none"):
    R = {"reduction": reduction}
    case("mseLoss", lambda a, b: F.mse_loss(a, b, reduction=reduction), [ROWS[4:9], ROWS[:5]], R)
    case("mseLoss", lambda a, b: F.mse_loss(a, b, reduction=reduction), [NONE, NONE], R)
    for x in (ROWS[:9], ROWS[9:]):
        t = torch.arange(x.shape[0]) % 4
        case("crossEntropy", lambda a, b: F.cross_entropy(a, b, reduction=reduction), [x, t], R)
        case("nllLoss", lambda a, b: F.nll_loss(F.log_softmax(a, 1), b, reduction=reduction), [x, t], R)
        for k in range(4):
            case("crossEntropy", lambda a, b: F.cross_entropy(a, b, reduction=reduction, ignore_index=k), [x, t],
                 dict(R, ignoreIndex=k))
        case("crossEntropy", lambda a, b: F.cross_entropy(a, F.softmax(b, 1), reduction=reduction),
             [x, ROWS[:1].expand_as(x)], dict(R, target="softmax of the second input"), grad=[0])
        case("crossEntropy", lambda a, b: F.cross_entropy(a, b, reduction=reduction, label_smoothing=0.1), [x, t],
             dict(R, labelSmoothing=0.1))
        for w in (V(1, 0, 2, 0.5), V(0, 0, 0, 0), V(INF, 1, NAN, 1)):
            case("crossEntropy", lambda a, b, w: F.cross_entropy(a, b, w, reduction=reduction), [x, t, w],
                 dict(R, weight=True), grad=[0])
    case("crossEntropy", lambda a, b: F.cross_entropy(a, b, reduction=reduction), [NONE, torch.full((3,), -100)], R, second=False)
    case("crossEntropy", lambda a, b: F.cross_entropy(a, F.softmax(b, 1), reduction=reduction), [NONE, NONE],
         dict(R, target="softmax of the second input"), grad=[0], second=False)
    case("crossEntropy", lambda a, b: F.cross_entropy(a, b, reduction=reduction, label_smoothing=0.1),
         [NONE, torch.full((3,), -100)], dict(R, labelSmoothing=0.1), second=False)
    case("nllLoss", lambda a, b: F.nll_loss(F.log_softmax(a, 1), b, reduction=reduction), [NONE, torch.full((3,), -100)], R, second=False)
    case("crossEntropy", lambda a, b: F.cross_entropy(a, b, reduction=reduction), [EMPTY, torch.zeros(0).long()], R)
    case("crossEntropy", lambda a, b: F.cross_entropy(a, b, reduction=reduction, ignore_index=0),
         [ROWS[:2], torch.zeros(2).long()], dict(R, ignoreIndex=0))

print('{"pytorch":%s,"cases":[' % json.dumps(torch.__version__))
print(",\n".join(json.dumps(c, separators=(",", ":")) for c in CASES))
print("]}")
