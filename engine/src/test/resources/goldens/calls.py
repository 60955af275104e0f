#!/usr/bin/env python3
"""Writes calls.json: what PyTorch 1.13 answers to a call of each of our methods, and to the same call made wrong.

    calls.py > calls.json

A row of the table below is a method, what it is in PyTorch, and calls of it: the receiver and the arguments in their order. A
tensor is a text: $float64[2,3] with * if it requires a gradient, +clone, +t, ... for what is done to it first, =1,2,3 for
its numbers. Every call is made as it stands; the first of a row also with one of its tensors of another type or shape, or one of
its numbers another. An answer is a list with an entry an output, null for one without a history: the graph as "name(name of next, ...)", x0 for
the leaf that is the first tensor of the call, of a call made otherwise the first name only; or the error's text.
"""
import json, math, re, sys, warnings
import torch, torch.nn.functional as F
warnings.filterwarnings("ignore")
inf, nan = math.inf, math.nan

# ---- tensors from texts, the same in Java

def numbers(dtype, n):
    if dtype == "bool": return [i % 2 == 0 for i in range(n)]
    if dtype.startswith("int"): return [(i * 7) % 3 for i in range(n)]
    return [((i * 7) % 11 + 1) / 16 for i in range(n)]

def tensor(text, leaves):
    dtype, shape, grad, data, then = re.fullmatch(r"\$(\w+)\[([\d,]*)\](\*?)(?:=([^+]*))?((?:\+\w+)*)", text).groups()
    shape = [int(s) for s in shape.split(",") if s]
    v = [float(d) for d in data.split(",")] if data else numbers(dtype, math.prod(shape))
    t = torch.tensor(v, dtype=getattr(torch, dtype)).reshape(shape).clone()
    t.requires_grad_(grad == "*")
    leaves.append(t)
    for step in then.split("+")[1:]: t = {"clone": lambda t: t.clone(), "t": lambda t: t.t(), "expand": lambda t: t.expand(2, *t.shape), "slice": lambda t: t[:1]}[step](t)
    return t

def argument(a, leaves):
    if isinstance(a, str) and a.startswith("$"): return tensor(a, leaves)
    if isinstance(a, list) and any(isinstance(e, str) for e in a): return [argument(e, leaves) for e in a]
    return {"inf": inf, "-inf": -inf, "nan": nan}.get(a, a) if isinstance(a, str) else a

# ---- answers

def graph(node, leaves, depth=0):
    name = node.name().rsplit("::", 1)[-1]
    if name == "AccumulateGrad": return "x%d" % [i for i, l in enumerate(leaves) if l is node.variable][0]
    inner = [graph(n, leaves, depth + 1) for n, _ in node.next_functions if n is not None]
    return name + ("(" + ",".join(inner) + ")" if inner else "")

def answer(fn, args):
    leaves = []
    try:
        values = [argument(a, leaves) for a in args]
        out = fn(*values)
    except Exception as e:
        return str(e).split("\n")[0][:100]
    out = list(out) if isinstance(out, (tuple, list)) else [out]
    return [[None, None] + ([graph(o.grad_fn, leaves)] if o.grad_fn is not None else []) for o in out]

# ---- other calls made of one

TYPES = ["float64", "float32", "int64", "int32", "bool"]

def retyped(t):
    dtype = re.match(r"\$(\w+)", t).group(1)
    for other in TYPES:
        if other == dtype: continue
        made = t.replace(dtype, other, 1)
        if "float" not in other: made = made.replace("*", "").replace("+clone", "")
        yield made

def reshaped(t):
    if "=" in t: return
    shape = re.search(r"\[([\d,]*)\]", t).group(1)
    for other in ["", "3", "2,3", "3,2", "0", "0,3", "2,0", "1,2,3", "2,3,3", "1,1,1,1"]:
        if other != shape: yield t.replace("[" + shape + "]", "[" + other + "]").replace("+t", "")

def others(a):
    if isinstance(a, bool): return [not a]
    if isinstance(a, int): return [5, -5, -1, 0, 1]
    if isinstance(a, float): return [-1.0, 2.5, 0.0, "nan"]
    if isinstance(a, list) and all(isinstance(e, int) for e in a): return [[], [0, 0], [5], [-1], [-3], [0, -1], [1, 1, 1, 1]]
    if isinstance(a, str) and a.startswith("$"): return list(starred(a)) + list(retyped(a)) + list(reshaped(a))
    if isinstance(a, str) and a not in ("inf", "-inf", "nan"): return ["other"]
    return []

def starred(t):
    if "float" in t and "*" not in t: yield t.replace("]", "]*", 1)

def mutants(args):
    for i, a in enumerate(args):
        for other in others(a): yield args[:i] + [other] + args[i + 1:]
        if isinstance(a, list) and a and isinstance(a[0], str):
            for k, e in enumerate(a):
                for other in others(e): yield args[:i] + [a[:k] + [other] + a[k + 1:]] + args[i + 1:]

CASES, SEEN = [], set()
def add(method, fn, args, kind):
    key = json.dumps([method, args])
    if key in SEEN: return
    SEEN.add(key)
    a = answer(fn, args)
    if kind == "other" and not isinstance(a, str): a = [o[2].split("(")[0] if len(o) > 2 else None for o in a]
    if kind == "call" and not isinstance(a, str): a = [o[2] if len(o) > 2 else None for o in a]
    CASES.append('["%s", %s, "%s", %s]' % (method, json.dumps(args), kind, json.dumps(a)))

def M(method, fn, *calls):
    for args in calls: add(method, fn, list(args), "call")
    for m in mutants(list(calls[0])): add(method, fn, m, "other")

# ---- the table

X, Y, V, S, I, B = "$float64[2,3]*", "$float64[2,3]*", "$float64[3]*", "$float64[]*", "$int64[2,3]", "$bool[2,3]"
XC, SC = "$float64[2,3]*+clone", "$float64[]*+clone"
C = "$float64[2,3]" # needs no gradient
SQ = "$float64[2,2]*=2,1,1,3"

def unary(*names):
    for n in names:
        m, p = (n, n) if isinstance(n, str) else n
        M(m, (lambda p: lambda x: getattr(torch, p, None)(x) if hasattr(torch, p) else getattr(F, p)(x))(p), [X], [S], ["$float64[3,2]*+t"])
def unary_(*names):
    for n in names:
        m, p = (n, n) if isinstance(n, str) else n
        M(m + "_", (lambda p: lambda x: getattr(x, p + "_")() if hasattr(x, p + "_") else getattr(F, p)(x, inplace=True) if hasattr(F, p) and not hasattr(F, p + "_") else getattr(F, p + "_")(x))(p), [XC], [SC])
BOTH = ["neg", "abs", "sign", "exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh", "sinc",
        "exp2", "expm1", "log1p", "log2", "log10", "rsqrt", "reciprocal", "erf", "erfinv", "lgamma", "digamma", "erfc", "square", "floor", "ceil",
        "trunc", "frac", "round", "logit", "relu", "sigmoid", "tanh", "hardswish", "hardsigmoid", "relu6", "selu", "mish", "silu", "elu", "celu",
        ("leakyRelu", "leaky_relu"), "hardtanh", ("nanToNum", "nan_to_num")]
unary(*BOTH, "gelu", "softsign", "softplus", ("logsigmoid", "logsigmoid"), "tanhshrink", "isnan", "isinf", "isfinite", ("logicalNot", "logical_not"), "isposinf", "isneginf", ("bitwiseNot", "bitwise_not"), "clone")
unary_(*BOTH, ("logicalNot", "logical_not"), ("bitwiseNot", "bitwise_not"))
M("gelu", lambda x, a: F.gelu(x, approximate=a), [X, "tanh"], [X, "none"])
M("polygamma", lambda x, n: torch.polygamma(n, x), [X, 1], [X, 2])
M("polygamma_", lambda x, n: x.polygamma_(n), [XC, 1])
M("round", lambda x, d: torch.round(x, decimals=d), [X, 2])
M("round_", lambda x, d: x.round_(decimals=d), [XC, 2])
for n, p, a in [("logit", "logit", [0.1]), ("hardtanh", "hardtanh", [-0.5, 0.5]), ("elu", "elu", [0.5]), ("celu", "celu", [0.5]), ("leakyRelu", "leaky_relu", [0.2])]:
    M(n, (lambda p: lambda x, *a: getattr(torch, p, getattr(F, p, None))(x, *a))(p), [X, *a])
    M(n + "_", (lambda p: lambda x, *a: getattr(x, p + "_")(*a) if hasattr(x, p + "_") else getattr(F, p + "_")(x, *a))(p), [XC, *a])
M("softplus", lambda x, b, t: F.softplus(x, b, t), [X, 2.0, 10.0])
M("threshold", F.threshold, [X, 0.2, 0.5])
M("threshold_", F.threshold_, [XC, 0.2, 0.5])
M("hardshrink", F.hardshrink, [X, 0.3])
M("softshrink", F.softshrink, [X, 0.3])
M("prelu", F.prelu, [X, "$float64[1]*"], [X, V])
M("glu", F.glu, ["$float64[2,4]*", 1], ["$float64[2,4]*", 0])
M("dropout", lambda x, p, t: F.dropout(x, p, t), [X, 0.0, True], [X, 0.5, False])
M("alphaDropout", lambda x, p, t: F.alpha_dropout(x, p, t), [X, 0.5, False])

def op(p): return lambda a, *b: getattr(torch, p)(a, *b)
def op_(p): return lambda a, *b: getattr(a, p + "_")(*b)
for n in ["add", "sub", "mul", "div", "remainder", "fmod", "eq", "ne", "lt", "le", "gt", "ge", "pow"]:
    M(n, op(n), [X, Y], [X, C], [C, Y], [X, V], [S, X], [X, 2.0], [S, 2.0], *([] if n in ("div", "pow") else [[X, 2], [I, 2]]))
    M(n + "_", op_(n), [XC, Y], [XC, C], [SC, S], [XC, 2.0], *([] if n in ("div", "pow") else [[XC, 2], [I, 2]]))
for n in ["atan2", "hypot", "xlogy", "copysign", "heaviside"]:
    M(n, op(n), [X, Y], [X, C], [C, Y], [S, V])
    M(n + "_", op_(n), [XC, Y], [SC, S])
M("copysign", op("copysign"), [X, 2.0])
M("copysign_", op_("copysign"), [XC, 2.0])
for n in ["maximum", "minimum", "fmax", "fmin"]: M(n, op(n), [X, Y], [C, Y], [S, V])
for n, p in [("logicalAnd", "logical_and"), ("logicalOr", "logical_or"), ("logicalXor", "logical_xor")]:
    M(n, op(p), [X, Y], [B, B])
    M(n + "_", op_(p), [XC, C], [B, B])
for n, p in [("bitwiseAnd", "bitwise_and"), ("bitwiseOr", "bitwise_or"), ("bitwiseXor", "bitwise_xor"), ("bitwiseLeftShift", "bitwise_left_shift"), ("bitwiseRightShift", "bitwise_right_shift")]:
    M(n, op(p), [I, I], [I, 2])
    M(n + "_", op_(p), [I, I], [I, 2])
for n, sign in [("add", 1), ("sub", -1)]:
    M(n, (lambda n: lambda a, b, alpha: getattr(torch, n)(a, b, alpha=alpha))(n), [X, Y, 2.0], [I, I, 2.0])
    M(n + "_", (lambda n: lambda a, b, alpha: getattr(a, n + "_")(b, alpha=alpha))(n), [XC, Y, 2.0], [I, I, 2.0])
M("rsub", lambda a, b: torch.rsub(a, b), [X, Y], [X, C], [X, 2.0], [X, 2], [I, 2])
M("div", lambda a, b, r: torch.div(a, b, rounding_mode=r), [X, Y, "floor"], [X, Y, "trunc"], [X, 2.0, "floor"], [I, 2, "trunc"])
M("div_", lambda a, b, r: a.div_(b, rounding_mode=r), [XC, Y, "floor"], [XC, 2.0, "trunc"])
M("floorDivide", lambda a, b: torch.floor_divide(a, b), [X, Y])
M("floorDivide_", lambda a, b: a.floor_divide_(b), [XC, Y])
M("clamp", lambda x, lo, hi: torch.clamp(x, None if lo == -inf else lo, None if hi == inf else hi) if not isinstance(lo, torch.Tensor) else torch.clamp(x, lo, hi), [X, 0.2, 0.5], [X, Y, C], [X, "$float64[2,3]", "$float64[2,3]"])
M("clamp_", lambda x, lo, hi: x.clamp_(lo, hi), [XC, 0.2, 0.5], [XC, Y, C])
M("clampMin", lambda x, v: torch.clamp_min(x, v), [X, 0.2], [X, Y])
M("clampMax", lambda x, v: torch.clamp_max(x, v), [X, 0.2], [X, Y])
M("clampMin_", lambda x, v: x.clamp_min_(v), [XC, 0.2], [XC, Y])
M("clampMax_", lambda x, v: x.clamp_max_(v), [XC, 0.2], [XC, Y])
M("lerp", torch.lerp, [X, Y, 0.5], [X, Y, "$float64[2,3]*"], [C, Y, 0.5])
M("lerp_", lambda a, b, w: a.lerp_(b, w), [XC, Y, 0.5], [XC, Y, "$float64[2,3]*"])
for n in ["addcmul", "addcdiv"]:
    M(n, (lambda n: lambda a, b, c, v: getattr(torch, n)(a, b, c, value=v))(n), [X, Y, C, 0.5], [X, "$float64[3]*", S, 2.0])
    M(n + "_", (lambda n: lambda a, b, c, v: getattr(a, n + "_")(b, c, value=v))(n), [XC, Y, C, 0.5])
M("nanToNum", lambda x, a, b, c: torch.nan_to_num(x, a, b, c), [X, 0.5, 1.0, -1.0])
M("where", torch.where, [B, X, Y], [B, X, S], ["$bool[3]", X, C])
M("fill_", lambda x, v: x.fill_(v), [XC, 2.0], [SC, 2.0], [I, 2.0])
M("zero_", lambda x: x.zero_(), [XC], [SC])
M("copy_", lambda x, y: x.copy_(y), [XC, Y], [XC, C], ["$float64[2,3]", Y], [XC, S])
M("uniform_", lambda x, a, b: x.uniform_(a, b), [XC, 0.0, 1.0])
M("normal_", lambda x, a, b: x.normal_(a, b), [XC, 0.0, 1.0])
M("bernoulli_", lambda x, p: x.bernoulli_(p), [XC, 0.5])
M("random_", lambda x, a, b: x.random_(a, b), [XC, 0, 5])
M("isclose", lambda a, b, r, t: torch.isclose(a, b, r, t), [X, Y, 1e-5, 1e-8])

# reductions
for n in ["sum", "mean", "nansum", "nanmean", "prod", "amax", "amin", "var", "std", "logsumexp", "all", "any", "median", "nanmedian", "max", "min", "norm"]:
    if n not in ("amax", "amin", "logsumexp"): M(n, op(n), [X], [S], ["$float64[3,2]*+t"])
for n in ["sum", "mean", "prod", "var", "std", "all", "any", "max", "min", "cumsum", "cumprod", "cummax", "cummin", "logcumsumexp", "softmax", "argmax", "argmin", "logsumexp"]:
    M(n, (lambda n: lambda x, d: getattr(torch, n)(x, d))(n), [X, 1], [X, -2], [S, 0])
M("logSoftmax", lambda x, d: torch.log_softmax(x, d), [X, 1], [S, 0])
for n in ["sum", "mean", "prod", "amax", "amin", "max", "min", "argmax", "argmin", "logsumexp", "median", "nanmedian", "mode"]:
    M(n, (lambda n: lambda x, d, k: getattr(torch, n)(x, d, k))(n), [X, 1, False], [X, 0, True], [S, 0, True])
for n in ["sum", "mean", "amax", "amin", "logsumexp", "nansum", "nanmean"]:
    M(n, (lambda n: lambda x, d, k: getattr(torch, n)(x, d, k))(n), [X, [0, 1], False], [X, [1], True], [X, [0], False], *([] if n == "amax" else [[S, [0], True]]))
for n in ["var", "std"]:
    M(n, (lambda n: lambda x, d, k, c: getattr(torch, n)(x, d, correction=c, keepdim=k))(n), [X, [0, 1], False, 1], [X, [1], True, 0], [X, 1, False, 1])
for n, p in [("varMean", "var_mean"), ("stdMean", "std_mean")]:
    M(n, (lambda p: lambda x, d, k, c: getattr(torch, p)(x, d, correction=c, keepdim=k))(p), [X, [1], True, 0], [X, [0], False, 1])
M("norm", lambda x, p: x.norm(p), [X, 2.0], [X, 3.0], [X, 1.0], [X, "inf"], [X, 0.0])
M("norm", lambda x, p, d: x.norm(p, d), [X, 2.0, 1])
M("norm", lambda x, p, d, k: x.norm(p, d, k), [X, 2.0, [1], True], [X, 3.0, [0, 1], False])
M("dist", torch.dist, [X, Y, 2.0], [X, C, 1.0])
M("pairwiseDistance", lambda a, b: F.pairwise_distance(a, b), [X, Y])
M("pairwiseDistance", lambda a, b, p, e, k: F.pairwise_distance(a, b, p, e, k), [X, Y, 1.0, 1e-6, True])
M("cdist", torch.cdist, [X, "$float64[4,3]*", 2.0], [X, "$float64[4,3]*", 1.0])
M("cosineSimilarity", lambda a, b, d: F.cosine_similarity(a, b, d), [X, Y, 1])
M("cosineSimilarity", lambda a, b, d, e: F.cosine_similarity(a, b, d, e), [X, Y, 0, 1e-8])
M("renorm", torch.renorm, [X, 2.0, 0, 0.5])
M("countNonzero", lambda x, d: torch.count_nonzero(x, d if d else None), [X, [0]], [X, []])
for n in ["all", "any"]: M(n, (lambda n: lambda x, d, k: getattr(torch, n)(x, d[0], k))(n), [X, [1], True])
M("aminmax", lambda x: torch.aminmax(x), [C])
M("aminmax", lambda x, d, k: torch.aminmax(x, dim=d, keepdim=k), [C, 1, True])
def loss(f): return lambda x, t, *a: f(x, t, reduction=a[-1].lower())
M("mseLoss", loss(F.mse_loss), [X, C, "MEAN"], [X, Y, "SUM"], [X, Y, "NONE"])
T = "$int64[2]=0,2"
for r in ["MEAN", "SUM", "NONE"]:
    M("nllLoss", loss(F.nll_loss), [X, T, r], ["$float64[2,3,2]*", "$int64[2,2]=0,2,1,1", r], [V, "$int64[]=2", r])
    M("crossEntropy", loss(F.cross_entropy), [X, T, r], ["$float64[2,3,2]*", "$int64[2,2]=0,2,1,1", r], [V, "$int64[]=2", r], [X, C, r])
M("nllLoss", lambda x, t, i, r: F.nll_loss(x, t, ignore_index=i, reduction=r.lower()), [X, T, 2, "MEAN"])
M("nllLoss", lambda x, t, w, i, r: F.nll_loss(x, t, w, ignore_index=i, reduction=r.lower()), [X, T, "$float64[3]", 2, "MEAN"], [X, T, V, 2, "SUM"])
M("crossEntropy", lambda x, t, w, i, r, s: F.cross_entropy(x, t, w, ignore_index=i, reduction=r.lower(), label_smoothing=s), [X, T, "$float64[3]", -100, "MEAN", 0.0], [X, T, V, -100, "MEAN", 0.0], [X, T, "$float64[3]", -100, "SUM", 0.1], [X, C, "$float64[3]", -100, "MEAN", 0.1], [X, C, V, -100, "NONE", 0.0])

# shapes
M("view", lambda x, s: x.view(s), [X, [3, 2]], [X, [-1]], [S, [1]], ["$float64[3,2]*+t", [6]])
M("viewAs", lambda x, y: x.view_as(y), [X, "$float64[3,2]"])
M("reshape", lambda x, s: x.reshape(s), [X, [3, 2]], [X, [-1]], [S, [1]], ["$float64[3,2]*+t", [6]], [X, [2, 3]])
M("reshapeAs", lambda x, y: x.reshape_as(y), [X, "$float64[3,2]"])
M("flatten", lambda x: x.flatten(), [X], [S], ["$float64[3,2]*+t"])
M("flatten", lambda x, a: x.flatten(a), ["$float64[2,3,2]*", 1])
M("flatten", lambda x, a, b: x.flatten(a, b), ["$float64[2,3,2]*", 0, 1], [X, 0, 1])
M("contiguous", lambda x: x.contiguous(), ["$float64[3,2]*+t"])
M("t", lambda x: x.t(), [X], [V], [S])
M("transpose", lambda x, a, b: x.transpose(a, b), [X, 0, 1], [S, 0, 0], [X, 1, 1])
M("permute", lambda x, d: x.permute(d), [X, [1, 0]], [X, [0, 1]])
M("expand", lambda x, s: x.expand(s), [X, [4, 2, 3]], [V, [-1]], [S, [3]])
M("expandAs", lambda x, y: x.expand_as(y), [V, "$float64[2,3]"])
M("broadcastTo", lambda x, s: x.broadcast_to(s), [V, [2, 3]])
M("unsqueeze", lambda x, d: x.unsqueeze(d), [X, 0], [X, -1], [S, 0])
M("squeeze", lambda x, d: x.squeeze(d), ["$float64[1,3]*", 0], [X, 0], [S, 0])
M("squeeze", lambda x: x.squeeze(), ["$float64[1,3]*"], [X], [S])
M("flip", lambda x, d: x.flip(d), [X, [0]], [X, [0, 1]])
M("roll", lambda x, s, d: x.roll(s, d), [X, 1, 1], [X, -1, 0])
M("unflatten", lambda x, d, s: x.unflatten(d, s), ["$float64[2,4]*", 1, [2, 2]], ["$float64[2,4]*", 1, [-1, 2]])
M("movedim", lambda x, a, b: x.movedim(a, b), [X, 0, 1], [X, [0, 1], [1, 0]])
M("slice", lambda x, d, a, b, s: torch.ops.aten.slice(x, d, a, b, s), [X, 1, 0, 2, 1], [X, 1, 0, 3, 2])
M("asStrided", lambda x, s, t, o: x.as_strided(s, t, o), [X, [2, 2], [3, 1], 0])
M("asStrided", lambda x, s, t: x.as_strided(s, t), [X, [2, 2], [3, 1]])
M("unfold", lambda x, d, s, t: x.unfold(d, s, t), [X, 1, 2, 1], [S, 0, 1, 1])
M("split", lambda x, s, d: x.split(s, d), [X, 2, 1], [X, [1, 2], 1])
M("unsafeSplit", lambda x, s, d: torch.unsafe_split(x, s, d), [X, 2, 1])
M("tensorSplit", lambda x, s, d: x.tensor_split(s, d), [X, 2, 1], [X, [1, 2], 1])
M("chunk", lambda x, s, d: x.chunk(s, d), [X, 2, 1])
M("unsafeChunk", lambda x, s, d: torch.unsafe_chunk(x, s, d), [X, 2, 1])
M("unbind", lambda x, d: x.unbind(d), [X, 0], [X, 1])
M("diagonal", lambda x: x.diagonal(), [X])
M("diagonal", lambda x, o, a, b: x.diagonal(o, a, b), [X, 1, 0, 1], [X, 0, 1, 0])
M("diagEmbed", lambda x: torch.diag_embed(x), [X], [V])
M("diagEmbed", lambda x, o, a, b: torch.diag_embed(x, o, a, b), [X, 1, 0, 1])
M("diag", lambda x: x.diag(), [X], [V])
M("diag", lambda x, d: x.diag(d), [X, 1], [V, -1])
for n in ["tril", "triu"]: M(n, op(n), [X], [X, 1])
M("repeat", lambda x, s: x.repeat(s), [X, [2, 1]], [X, [2, 2, 1]], [S, [3]])
M("repeatInterleave", lambda x, r, d: x.repeat_interleave(r, d), [X, 2, 1], [X, "$int64[3]=1,0,2", 1])
M("rot90", lambda x, k, d: torch.rot90(x, k, d), [X, 1, [0, 1]], [X, 2, [0, 1]], [X, 0, [0, 1]])
M("tile", lambda x, s: x.tile(s), [X, [2, 1]], [X, [2]], [X, [2, 1, 1]])
M("pad", lambda x, p, m: F.pad(x, p, m), [X, [1, 1], "constant"], ["$float64[1,2,3]*", [1, 1], "reflect"], ["$float64[1,2,3]*", [1, 1], "replicate"], ["$float64[1,2,3]*", [1, 1], "circular"], [X, [1, 0, 0, 1], "constant"], [X, [0, 0], "constant"])
M("pad", lambda x, p, m, v: F.pad(x, p, m, v), [X, [1, 1], "constant", 0.5])

# linear algebra
W, MV = "$float64[3,4]*", "$float64[3]*"
BA, BB = "$float64[2,2,3]*", "$float64[2,3,4]*"
M("mm", torch.mm, [X, W], [X, "$float64[3,4]"])
M("bmm", torch.bmm, [BA, BB])
M("mv", torch.mv, [X, MV])
M("dot", torch.dot, [V, V])
M("vdot", torch.vdot, [V, V])
M("outer", torch.outer, [V, "$float64[2]*"])
M("inner", torch.inner, [V, V], [X, Y], [X, S], [X, V])
M("kron", torch.kron, [X, SQ], [V, V], [S, V])
M("addmm", lambda x, a, b: torch.addmm(x, a, b), ["$float64[2,4]*", X, W], ["$float64[4]*", X, W])
def ab(n): return lambda x, a, b, beta, alpha: getattr(torch, n)(x, a, b, beta=beta, alpha=alpha)
M("addmm", ab("addmm"), ["$float64[2,4]*", X, W, 0.5, 2.0], ["$float64[2,4]*", X, W, 0.0, 1.0])
M("baddbmm", ab("baddbmm"), ["$float64[2,2,4]*", BA, BB, 0.5, 2.0])
M("addmv", ab("addmv"), ["$float64[2]*", X, MV, 0.5, 2.0])
M("addr", ab("addr"), [X, "$float64[2]*", V, 0.5, 2.0])
M("addbmm", ab("addbmm"), ["$float64[2,4]*", BA, BB, 0.5, 2.0])
M("trace", torch.trace, [X])
M("matrixPower", torch.matrix_power, [SQ, 3], [SQ, 2], [SQ, 1], [SQ, 0], [SQ, -1], [SQ, 4], [SQ, 5])
M("chainMatmul", lambda a, bs: torch.chain_matmul(a, *bs), [X, [W, "$float64[4,2]*"]], [X, [W]])
M("inverse", torch.inverse, [SQ])
M("solve", lambda a, b: torch.linalg.solve(a, b), [SQ, "$float64[2,3]*"], [SQ, "$float64[2]*"])
M("triangularSolve", lambda b, a, u, t, n: torch.triangular_solve(b, a, u, t, n)[0], ["$float64[2,3]*", SQ, True, False, False])
M("cholesky", torch.cholesky, [SQ])
M("cholesky", lambda x, u: torch.cholesky(x, u), [SQ, False], [SQ, True])
M("det", torch.det, [SQ])
M("slogdet", torch.slogdet, [SQ])
M("logdet", torch.logdet, [SQ])
M("tensordot", lambda a, b, d: torch.tensordot(a, b, d), [X, W, 1], [X, Y, 2], [X, W, 0])
M("tensordot", lambda a, b, c, d: torch.tensordot(a, b, (c, d)), [X, W, [1], [0]], [X, Y, [0, 1], [0, 1]])
M("linear", lambda x, w, b: F.linear(x, w, b), [X, "$float64[4,3]*", "$float64[4]*"], ["$float64[2,2,3]*", "$float64[4,3]*", "$float64[4]*"], [V, "$float64[4,3]*", "$float64[4]*"])
M("matmul", torch.matmul, [X, W], [V, V], [V, W], [X, V], [BA, BB], ["$float64[2,2,3]*", W], [X, BB], ["$float64[2,2,3]*", V], [V, BB])
M("Tensor.cat", lambda ts, d: torch.cat(ts, d), [[X, Y], 0], [[X, C], 1], [[X], 0])
M("Tensor.stack", lambda ts, d: torch.stack(ts, d), [[X, Y], 0], [[X, C], 1], [[S, S], 0])
M("Tensor.einsum", lambda e, ts: torch.einsum(e, *ts), ["ij,jk->ik", [X, W]], ["ij->ji", [X]], ["ij->", [X]], ["bij,bjk->bik", [BA, BB]], ["i,i->", [V, V]], ["i,j->ij", [V, V]], ["ij,ij->ij", [X, Y]], ["ii->i", [SQ]], ["ii->", [SQ]], ["ij->i", [X]])

# indices
ROW = "$int64[2]=0,1"
M("select", lambda x, d, i: x.select(d, i), [X, 0, 1], [X, 1, -1])
M("narrow", lambda x, d, a, n: x.narrow(d, a, n), [X, 1, 1, 2])
M("gather", torch.gather, [X, 0, "$int64[2,3]=0,1,0,1,0,1"])
M("indexSelect", torch.index_select, [X, 0, ROW], [X, 1, "$int64[]=1"])
M("index", lambda x, i: x[tuple(i)], [X, [ROW]], [X, [ROW, ROW]], [X, [B]])
M("take", torch.take, [X, ROW])
M("takeAlongDim", lambda x, i, d: torch.take_along_dim(x, i, d), [X, "$int64[2,1]=0,1", 1])
M("takeAlongDim", lambda x, i: torch.take_along_dim(x, i), [X, ROW])
M("nonzero", torch.nonzero, [X], [S])
M("maskedSelect", torch.masked_select, [X, B], [X, "$bool[3]"])
IX = "$int64[2,3]=0,1,0,1,0,1"
M("scatter", lambda x, d, i, s: torch.scatter(x, d, i, s), [X, 0, IX, Y], [X, 0, IX, 2.0])
M("scatter_", lambda x, d, i, s: x.scatter_(d, i, s), [XC, 0, IX, Y])
M("scatterAdd", torch.scatter_add, [X, 0, IX, Y])
M("scatterAdd_", lambda x, d, i, s: x.scatter_add_(d, i, s), [XC, 0, IX, Y])
for r in ["sum", "prod", "mean", "amax", "amin"]: M("scatterReduce", lambda x, d, i, s, r: torch.scatter_reduce(x, d, i, s, r), [X, 0, IX, Y, r])
M("scatterReduce", lambda x, d, i, s, r, k: torch.scatter_reduce(x, d, i, s, r, include_self=k), [X, 0, IX, Y, "sum", False])
M("indexAdd", lambda x, d, i, s: torch.index_add(x, d, i, s), [X, 0, ROW, Y])
M("indexAdd", lambda x, d, i, s, a: torch.index_add(x, d, i, s, alpha=a), [X, 0, ROW, Y, 2.0], [I, 0, ROW, I, 2.0])
M("indexAdd_", lambda x, d, i, s: x.index_add_(d, i, s), [XC, 0, ROW, Y])
M("indexCopy", torch.index_copy, [X, 0, ROW, Y])
M("indexCopy_", lambda x, d, i, s: x.index_copy_(d, i, s), [XC, 0, ROW, Y])
M("indexFill", lambda x, d, i, v: x.index_fill(d, i, v), [X, 0, ROW, 2.0], [X, 0, ROW, S], [X, 0, ROW, "$float64[]"])
M("indexFill_", lambda x, d, i, v: x.index_fill_(d, i, v), [XC, 0, ROW, 2.0])
M("indexPut", lambda x, i, v, a: torch.index_put(x, tuple(i), v, a), [X, [ROW], Y, False], [X, [ROW, ROW], "$float64[2]*", True], [X, [B], S, False])
M("indexPut_", lambda x, i, v, a: x.index_put_(tuple(i), v, a), [XC, [ROW], Y, False], [XC, [ROW, ROW], "$float64[2]*", True])
M("put", lambda x, i, s, a: torch.put(x, i, s, a), [X, ROW, "$float64[2]*", False], [X, ROW, "$float64[2]*", True])
M("put_", lambda x, i, s, a: x.put_(i, s, a), [XC, ROW, "$float64[2]*", False])
M("maskedFill", torch.masked_fill, [X, B, 2.0], [X, "$bool[3]", 2.0])
M("maskedFill_", lambda x, m, v: x.masked_fill_(m, v), [XC, B, 2.0])
M("maskedScatter", torch.masked_scatter, [X, B, Y])
M("maskedScatter_", lambda x, m, s: x.masked_scatter_(m, s), [XC, B, Y])
M("embedding", lambda w, i: F.embedding(i, w), [X, "$int64[3]=0,1,0"], [X, "$int64[2,2]=0,1,0,1"])
M("embedding", lambda w, i, p: F.embedding(i, w, p), [X, "$int64[3]=0,1,0", 0])
for m in ["sum", "mean", "max"]: M("embeddingBag", lambda w, i, o, m: F.embedding_bag(i, w, o, mode=m), [X, "$int64[3]=0,1,0", "$int64[2]=0,2", m])

# order
M("sort", lambda x, d: torch.sort(x, d), [X, 1], [S, 0])
M("sort", lambda x, d, e: torch.sort(x, d, e), [X, 0, True])
M("msort", torch.msort, [X])
M("argsort", torch.argsort, [X, 1])
M("argsort", torch.argsort, [X, 1, True])
M("topk", torch.topk, [X, 2, 1])
M("topk", torch.topk, [X, 2, 1, False])
M("kthvalue", torch.kthvalue, [X, 2, 1, False], [X, 1, 0, True])
M("unique", lambda x: torch.unique(x, return_inverse=True, return_counts=True), [X])
M("uniqueConsecutive", lambda x: torch.unique_consecutive(x, return_inverse=True, return_counts=True), [X])
M("bincount", lambda x, n: torch.bincount(x, minlength=n), ["$int64[4]", 2])
M("bincount", lambda x, w, n: torch.bincount(x, w, n), ["$int64[4]", "$float64[4]", 2])
M("histc", lambda x, n, a, b: torch.histc(x, n, a, b), [X, 3, 0.0, 1.0])
M("searchsorted", lambda s, v, r: torch.searchsorted(s, v, right=r), ["$float64[3]=1,2,3", C, False])
M("bucketize", lambda v, s, r: torch.bucketize(v, s, right=r), [C, "$float64[3]=1,2,3", False])

print("[\n" + ",\n".join(CASES) + "\n]")
