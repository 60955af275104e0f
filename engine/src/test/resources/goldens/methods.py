#!/usr/bin/env python3
"""Writes methods.json: what PyTorch's methods do with plain, transposed, one-element, 0-dim and empty tensors.

    methods.py > methods.json

Computed by PyTorch 1.13 on a CPU. A line a call: op (our name), args, and the cases by the receiver, "float32 2x3t 1":
dtype, shape, t for one that lies transposed, and the value of "dim" in args. Other arguments: "same" is another tensor
like the receiver, "index" int64 zeros, see `tensor`. An answer is "!" and the error, or its results with ";" between:
dtype, shape, then "self" for the receiver, "shares" for one with its storage, "view" for one that autograd takes for a
view, and the values if they are few. "saves" tells which tensors backward needs unchanged: groups by what requires a
gradient (all floating operands, the receiver alone, the second alone, ...), in each a digit an operand and then a result:
1 if backward refuses to run after a write to it, - if it does not run at all.
"""
import json, math, sys, warnings
import torch, torch.nn.functional as F

warnings.filterwarnings("ignore")
CALLS = []


def call(op, *args, f=None):
    CALLS.append((op, args, f))


def numbers(n, dtype, seed=0):
    if dtype == torch.bool:
        return [(i + seed) % 2 == 0 for i in range(n)]
    v = [(i * 5 + 2 + seed) % 7 + 1 for i in range(n)]
    return [x / 4 for x in v] if dtype.is_floating_point else v


def tensor(shape, dtype, transposed=False, seed=0):
    """Numbers that `MethodsTest` makes in the same way; transposed: the same, in column-major order."""
    n = math.prod(shape)
    t = torch.tensor(numbers(n, dtype, seed), dtype=dtype)
    return (t.reshape(shape[::-1]).permute(*range(len(shape))[::-1]) if transposed else t.reshape(shape)).clone()


def argument(a, x, shape, dtype, dim):
    if a == "dim": return dim
    if a == "same": return tensor(shape, dtype, seed=3)
    if a == "self": return x
    if a == "zero": return tensor([], dtype, seed=1)
    if a == "one": return tensor([1], dtype, seed=1)
    if a == "row": return tensor(shape[-1:], dtype, seed=1)
    if a == "swapped": return tensor(shape[:-2] + shape[-2:][::-1], dtype, seed=1)
    if a == "mask": return tensor(shape, torch.bool)
    if a == "index": return torch.zeros(shape, dtype=torch.int64)
    if a == "places": return torch.zeros(1, dtype=torch.int64)
    if a == "none": return torch.zeros(0, dtype=torch.int64)
    if a == "place": return torch.zeros((), dtype=torch.int64)
    if isinstance(a, str) and a.startswith("dtype:"): return getattr(torch, a[6:])
    return a


def snake(name):
    return "".join("_" + c.lower() if c.isupper() else c for c in name)



# ---- elementwise
for op in ("abs acos acosh asin asinh atan atanh ceil cos cosh digamma erf erfc erfinv exp exp2 expm1 floor frac lgamma log"
           " log10 log1p log2 neg reciprocal relu round rsqrt sigmoid sign sin sinc sinh sqrt square tan tanh trunc"
           " isnan isinf isfinite isneginf isposinf logicalNot bitwiseNot nanToNum logit positive signbit deg2rad rad2deg"
           " clone contiguous detach").split():
    call(op)
for op in "elu gelu hardsigmoid hardswish hardtanh logsigmoid mish relu6 selu silu softsign tanhshrink leakyRelu celu softplus".split():
    call(op, f=getattr(F, snake(op)))
for op in ("add sub mul div pow atan2 copysign fmod hypot maximum minimum fmax fmin remainder xlogy rsub logicalAnd logicalOr"
           " logicalXor bitwiseAnd bitwiseOr bitwiseXor eq ne lt le gt ge floorDivide logaddexp logaddexp2 heaviside"
           " trueDivide floatPower bitwiseLeftShift").split():
    for other in ("same", "zero", "row"):
        call(op, other)
for op in "add sub mul div pow fmod remainder rsub eq ne lt le gt ge floatPower".split():
    call(op, 2.0); call(op, 2)
for op in "floorDivide".split(): call(op, 2)
call("floorDivide", 2.0)
call("div", "same", "floor", f=lambda x, y, m: x.div(y, rounding_mode=m)); call("div", "same", "trunc", f=lambda x, y, m: x.div(y, rounding_mode=m))
call("clamp", 1.0, 1.5); call("clamp", "same", "same"); call("clampMin", 1.0); call("clampMax", "zero"); call("clampMin", "zero")
call("lerp", "same", 0.5); call("lerp", "same", "same"); call("addcmul", "same", "same", 2.0, f=lambda x, a, b, v: x.addcmul(a, b, value=v))
call("addcdiv", "same", "same", 2.0, f=lambda x, a, b, v: x.addcdiv(a, b, value=v))
call("polygamma", 1, f=lambda x, n: torch.polygamma(n, x)); call("round", 1, f=lambda x, d: x.round(decimals=d))
call("hardshrink", 0.5); call("softshrink", 0.5, f=F.softshrink); call("threshold", 0.5, 9.0, f=F.threshold)
call("prelu", "one"); call("nanToNum", 0.0, 1.0, 2.0); call("isclose", "same", 1e-5, 1e-8);
call("glu", "dim", f=F.glu)
call("to", "dtype:float64"); call("to", "dtype:int64"); call("to", "dtype:bool"); call("to", "dtype:float32"); call("typeAs", "same")
call("where", "same", "same", f=lambda x, a, b: torch.where(x, a, b))
# ---- shapes
for op in "flatten squeeze t ravel fliplr flipud diag trace tril triu msort diagonal nonzero argwhere diagflat diagEmbed inverse det".split():
    call(op)
call("view", [-1]); call("reshape", [-1]); call("viewAs", "same"); call("reshapeAs", "same"); call("expandAs", "same")
call("view", [0]); call("reshape", []); call("view", [0, -1]); call("reshape", [2, -1])
for a in ([0, 0], [0, 1], [1, 1], [-1, -1], [0, -1], [2, 2]): call("flatten", *a)
for op in "squeeze unsqueeze".split(): call(op, "dim")
for a in ([0, 1], [0, 0], [-1, 0], [1, 1], [2, 0]):
    for op in "transpose swapaxes movedim moveaxis".split(): call(op, *a)
call("movedim", [0, 1], [1, 0]); call("moveaxis", [0, 1], [1, 0])
call("permute", [1, 0]); call("permute", [0]); call("permute", []); call("permute", [0, 1])
call("expand", [2, 3]); call("expand", [-1, 3]); call("expand", [0]); call("expand", []); call("broadcastTo", [2, 3]); call("expand", [3, -1, -1])
call("flip", [0]); call("flip", []); call("roll", 1, "dim"); call("rot90", 1, [0, 1]); call("rot90", 0, [0, 1]); call("rot90", 2, [0, 1]); call("rot90", 4, [0, 1])
call("unflatten", "dim", [1, -1]); call("unflatten", "dim", [-1]); call("unflatten", "dim", [2, 1]); call("unflatten", "dim", [-1, 0])
call("slice", "dim", 0, 100, 1, f=lambda x, d, a, b, s: torch.ops.aten.slice(x, d, a, b, s)); call("slice", "dim", 1, 2, 1, f=lambda x, d, a, b, s: torch.ops.aten.slice(x, d, a, b, s))
call("narrow", "dim", 0, 1); call("narrow", "dim", 0, 0); call("narrow", "dim", 0, 2); call("narrow", "dim", -1, 1); call("narrow", "dim", 1, 1)
call("select", "dim", 0); call("select", "dim", -1); call("select", "dim", 1)
call("asStrided", [2], [1], 0); call("asStrided", [], [], 0); call("asStrided", [0], [1], 0); call("asStrided", [1, 2], [0, 1], 0)
for a in ((1, 1), (2, 1), (0, 1), (1, 2)): call("unfold", "dim", *a)
for n in (1, 2, 3, 5): call("split", n, "dim"); call("chunk", n, "dim"); call("tensorSplit", n, "dim"); call("unsafeSplit", n, "dim"); call("unsafeChunk", n, "dim")
call("split", 0, "dim"); call("split", [1, 1], "dim"); call("split", [2], "dim"); call("split", [0], "dim"); call("split", [1, 2], "dim"); call("tensorSplit", [1], "dim"); call("tensorSplit", [0, 5], "dim"); call("tensorSplit", [-1], "dim")
call("hsplit", 1); call("vsplit", 1); call("dsplit", 1); call("hsplit", [1]); call("vsplit", [1]); call("hsplit", 2)
call("unbind", "dim")
call("diagonal", 1, 0, 1); call("diagonal", -1, 0, 1); call("diagonal", 0, 0, 0); call("diagonal", 0, -1, -2); call("diagonal", 5, 0, 1)
call("diagEmbed", 1, 0, 1); call("diagEmbed", 0, -2, -1); call("diagEmbed", -1, 0, 2); call("diag", 1); call("diag", -3); call("diagflat", 1)
call("tril", 1); call("triu", -1)
for op in "repeat tile".split():
    for a in ([1], [2], [1, 1], [2, 1], [1, 3], [0], []): call(op, a)
call("repeatInterleave", 1, "dim"); call("repeatInterleave", 2, "dim"); call("repeatInterleave", 0, "dim"); call("repeatInterleave", "places", "dim"); call("repeatInterleave", 2)
for m in ("constant", "reflect", "replicate", "circular"):
    for p in ([0, 0], [1, 0], [0, 0, 0, 0], [], [1, 1, 1, 1]): call("pad", p, m, f=lambda x, p, m: F.pad(x, p, mode=m))
call("pad", [-1, 0], "constant", 1.5, f=lambda x, p, m, v: F.pad(x, p, mode=m, value=v))
call("pad", [0, 0], "constant", 1.5, f=lambda x, p, m, v: F.pad(x, p, mode=m, value=v))
for op, f in (("atleast1d", torch.atleast_1d), ("atleast2d", torch.atleast_2d), ("atleast3d", torch.atleast_3d), ("adjoint", None)): call(op, f=f)
call("sumToSize", []); call("sumToSize", [1]); call("sumToSize", [3]); call("sumToSize", [2, 3])
# ---- reductions and along a dimension
for op in "sum mean prod amax amin max min std var median nanmedian nansum nanmean all any norm aminmax argmax argmin".split():
    call(op)
call("countNonzero", [], f=lambda x, d: x.count_nonzero())
call("unique", f=lambda x: x.unique(return_inverse=True, return_counts=True)); call("uniqueConsecutive", f=lambda x: x.unique_consecutive(return_inverse=True, return_counts=True))
KD = lambda op: lambda x, d, k: getattr(x, op)(d, keepdim=k)
for op in "sum mean prod max min argmax argmin logsumexp amax amin median nanmedian mode".split():
    for k in (False, True): call(op, "dim", k, f=KD(op))
call("kthvalue", 1, "dim", False, f=lambda x, n, d, k: x.kthvalue(n, d, keepdim=k))
for op in "sum mean amax amin logsumexp nansum nanmean".split():
    call(op, [0, 1], False, f=KD(op)); call(op, [], False, f=KD(op)); call(op, [], True, f=KD(op)); call(op, [0], True, f=KD(op)); call(op, [0, 0], False, f=KD(op)); call(op, [0, -1], False, f=KD(op))
for op in "all any sum mean std var cumsum cumprod logcumsumexp cummax cummin sort argsort softmax logSoftmax".split(): call(op, "dim")
call("countNonzero", [0], f=lambda x, d: x.count_nonzero(d)); call("countNonzero", [1], f=lambda x, d: x.count_nonzero(d))
for op, f in (("std", lambda x, d, k, c: x.std(d, keepdim=k, correction=c)), ("var", lambda x, d, k, c: x.var(d, keepdim=k, correction=c))):
    call(op, [0], True, 0, f=f); call(op, [], False, 1, f=f)
call("varMean", [0], False, 1, f=lambda x, d, k, c: torch.var_mean(x, d, keepdim=k, correction=c)); call("stdMean", [0], False, 1, f=lambda x, d, k, c: torch.std_mean(x, d, keepdim=k, correction=c))
call("aminmax", "dim", False, f=lambda x, d, k: x.aminmax(dim=d, keepdim=k))
for p in (2.0, 1.0, 0.0, math.inf, -math.inf): call("norm", p, "dim", f=lambda x, p, d: x.norm(p, d)); call("norm", p, [], False, f=lambda x, p, d, k: x.norm(p, d, k)); call("norm", p)
call("topk", 1, "dim"); call("topk", 0, "dim"); call("topk", 2, "dim"); call("cov"); call("corrcoef")
call("renorm", 2.0, "dim", 1.0); call("dist", "same", 2.0); call("cdist", "same", 2.0, f=torch.cdist)
call("pairwiseDistance", "same", f=F.pairwise_distance); call("cosineSimilarity", "same", "dim", f=F.cosine_similarity)
call("histc", 2, 0.0, 1.0); call("bincount", 2, f=lambda x, n: x.bincount(minlength=n)); call("diff"); call("diff", 1, "dim"); call("diff", 0, "dim"); call("diff", 2, "dim")
# ---- indices
call("gather", "dim", "index"); call("gather", "dim", "places"); call("indexSelect", "dim", "places"); call("indexSelect", "dim", "none"); call("indexSelect", "dim", "place")
call("take", "places"); call("take", "none"); call("take", "place"); call("takeAlongDim", "index", "dim", f=torch.take_along_dim); call("takeAlongDim", "places", f=torch.take_along_dim)
call("maskedSelect", "mask"); call("maskedFill", "mask", 2.0); call("maskedFill", "mask", 2); call("maskedScatter", "mask", "same")
# A mask of one number is taken by Python's x[mask] alone.
INDEX = lambda x, i: x[i[0]] if i[0].dtype == torch.bool and i[0].dim() == 0 else torch.ops.aten.index(x, i)
for i in ("places", "none", "mask", "place"): call("index", [i], f=INDEX)
call("scatter", "dim", "index", "same"); call("scatter", "dim", "index", 2.0); call("scatterAdd", "dim", "index", "same"); call("scatterReduce", "dim", "index", "same", "amax"); call("scatter", "dim", "none", "same"); call("scatter", "dim", "place", "zero")
call("indexAdd", "dim", "places", "same"); call("indexAdd", "dim", "none", "same"); call("indexCopy", "dim", "places", "same"); call("indexFill", "dim", "places", 2.0); call("indexFill", "dim", "none", 2.0); call("indexFill", "dim", "place", 2.0)
call("indexPut", ["places"], "zero", False, f=lambda x, i, v, a: x.index_put(tuple(i), v, a)); call("indexPut", ["none"], "zero", False, f=lambda x, i, v, a: x.index_put(tuple(i), v, a))
call("put", "places", "one", False)
call("searchsorted", "same", False, f=lambda x, v, r: torch.searchsorted(x, v, right=r)); call("bucketize", "one", False, f=lambda x, b, r: torch.bucketize(x, b, right=r)); call("isin", "same", f=torch.isin)
# ---- products
for a, b in (("mm", "swapped"), ("mm", "same"), ("bmm", "swapped"), ("mv", "row"), ("dot", "same"), ("vdot", "same"), ("outer", "same"), ("ger", "same"), ("inner", "same"), ("inner", "row"), ("kron", "same"),
             ("matmul", "swapped"), ("matmul", "row"), ("matmul", "same"), ("matmul", "zero"), ("cross", "same")): call(a, b)
call("cross", "same", "dim")
call("tensordot", "same", 1, f=torch.tensordot); call("tensordot", "same", 0, f=torch.tensordot); call("matrixPower", 0); call("matrixPower", 1); call("matrixPower", 2); call("addmm", "same", "same"); call("addmm", "swapped", "same")
call("addmv", "same", "row"); call("addr", "row", "row"); call("linear", "same", None, f=F.linear); call("linear", "same", "zero", f=F.linear); call("chainMatmul", ["swapped"], f=lambda x, o: torch.chain_matmul(x, *o))
call("baddbmm", "same", "same"); call("addbmm", "same", "same"); call("cholesky"); call("logdet"); call("slogdet")
# ---- static ones, the receiver among the arguments
S = {"cat": torch.cat, "stack": torch.stack}
for op in S:
    for a in (["self"], ["self", "same"], ["self", "none_"], ["none_", "self"]): call("static " + op, a, "dim", f=S[op])
for op, f in (("hstack", torch.hstack), ("vstack", torch.vstack), ("dstack", torch.dstack), ("columnStack", torch.column_stack)):
    call("static " + op, ["self", "same"], f=f); call("static " + op, ["self"], f=f)
call("static blockDiag", ["self", "same"], f=lambda a: torch.block_diag(*a)); call("static cartesianProd", ["self", "same"], f=lambda a: torch.cartesian_prod(*a)); call("static broadcastTensors", ["self", "zero"], f=lambda a: torch.broadcast_tensors(*a))
call("static einsum", "...->...", ["self"], f=lambda e, a: torch.einsum(e, *a)); call("static einsum", "ij->ij", ["self"], f=lambda e, a: torch.einsum(e, *a)); call("static einsum", "ij->ji", ["self"], f=lambda e, a: torch.einsum(e, *a)); call("static einsum", "ij->i", ["self"], f=lambda e, a: torch.einsum(e, *a))
call("static einsum", "ij,jk->ik", ["self", "swapped"], f=lambda e, a: torch.einsum(e, *a)); call("static einsum", "ii->i", ["self"], f=lambda e, a: torch.einsum(e, *a)); call("static einsum", "i,i->", ["self", "same"], f=lambda e, a: torch.einsum(e, *a)); call("static einsum", "i,j->ij", ["self", "same"], f=lambda e, a: torch.einsum(e, *a)); call("static einsum", "...,->...", ["self", "zero"], f=lambda e, a: torch.einsum(e, *a))
call("static meshgrid", "ij", ["self", "same"], f=lambda i, a: torch.meshgrid(*a, indexing=i))
call("static zerosLike", "self", f=torch.zeros_like); call("static onesLike", "self", f=torch.ones_like)
call("static oneHot", "self", f=F.one_hot)

RECEIVERS = [("float32", s, t) for s, t in (
    ([2, 3], False), ([2, 3], True), ([], False), ([1], False), ([3], False), ([1, 3], False), ([2, 1, 2], False), ([2, 1, 2], True),
    ([2, 2], False), ([1, 1], False), ([0], False), ([2, 0], False), ([0, 3], False), ([0, 0], False), ([1, 0, 2], False))] + [
    (d, s, False) for d in ("int64", "int32", "bool") for s in ([2, 2], [3], [], [0])]


def results(out):
    return [t for o in out for t in results(o)] if isinstance(out, (tuple, list)) else [out]


def number(v):
    return str(v).lower() if isinstance(v, (bool, int)) else "%.5g" % v


def answer(x, o):
    s = "x".join(map(str, o.shape)) or "-"
    mark = [str(o.dtype)[6:], s]
    if o is x: mark.append("self")
    if o.storage()._storage._cdata == x.storage()._storage._cdata: mark.append("shares")
    if o._is_view(): mark.append("view")
    if 0 < o.numel() <= 6: mark.append(",".join(number(v) for v in o.reshape(-1).tolist()))
    return " ".join(mark)


def run(op, args, f, dtype, shape, transposed, dim):
    x = tensor(shape, getattr(torch, dtype), transposed)
    def arg(a):
        if a == "none_": return torch.zeros(0, dtype=x.dtype)
        if isinstance(a, (list, tuple)): return [arg(v) for v in a]
        return argument(a, x, shape, x.dtype, dim)
    given = [arg(a) for a in args]
    try:
        if op.startswith("static "): out = f(*given)
        else: out = (f or getattr(torch.Tensor, snake(op), None) or getattr(torch, snake(op)))(x, *given)
    except (RuntimeError, IndexError, TypeError, ValueError, NotImplementedError, ZeroDivisionError) as e:
        return "!" + str(e).split("\n")[0][:80]
    return ";".join(answer(x, o) for o in results(out))


def saves(op, args, f, shape, dim):
    def once(alone, written):
        made = [tensor(shape, torch.float32)]
        def arg(a):
            if isinstance(a, (list, tuple)): return [arg(v) for v in a]
            if a == "self": return made[0]
            t = torch.zeros(0) if a == "none_" else argument(a, made[0], shape, torch.float32, dim)
            if isinstance(t, torch.Tensor): made.append(t)
            return t
        given = [arg(a) for a in args]
        floats = [t for t in made if t.is_floating_point()]
        if alone is not None and alone >= len(floats): return None
        for i, t in enumerate(floats):
            if alone is None or i == alone: t.requires_grad_()
        x = [t * 1 if t.requires_grad else t for t in made]
        back = lambda a: [back(v) for v in a] if isinstance(a, list) else next((n for n, o in zip(x, made) if o is a), a)
        call = f or getattr(torch.Tensor, snake(op), None) or getattr(torch, snake(op))
        outs = results(call(*back(given)) if op.startswith("static ") else call(x[0], *back(given)))
        of = [o for o in outs if o.requires_grad]
        if not of or any(o is t for o in outs for t in x): return None
        all = x + outs
        if written >= len(all): return None
        loss = sum((o * 1).sum() for o in of)
        if written >= 0:
            with torch.no_grad(): all[written].zero_()
        try:
            loss.backward()
            return "0"
        except RuntimeError as e:
            return "1" if "modified by an inplace" in str(e) else "-"
    groups = []
    for alone in (None, 0, 1, 2):
        group = ""
        for written in range(8):
            digit = once(alone, written)
            if digit is None: break
            group += digit
        groups.append(group)
    return " ".join(groups).strip()


def name(a):
    if isinstance(a, (list, tuple)): return [name(v) for v in a]
    return "inf" if a == math.inf else "-inf" if a == -math.inf else a


print("[")
for i, (op, args, f) in enumerate(CALLS):
    cases = {}
    for dtype, shape, transposed in RECEIVERS:
        key = dtype + " " + ("x".join(map(str, shape)) or "-") + ("t" if transposed else "")
        for d in range(-len(shape) - 1, len(shape) + 1) if "dim" in args and dtype == "float32" else (0,) if "dim" in args else (None,):
            cases[key if d is None else key + " " + str(d)] = run(op, args, f, dtype, shape, transposed, d)
    saved = {}
    for shape in ([2, 3], [3], [2, 2]):
        if saved: break
        for d in (0, 1) if "dim" in args else (None,):
            key = "x".join(map(str, shape)) + ("" if d is None else " " + str(d))
            if d is not None and d >= len(shape) or cases["float32 " + key].startswith("!"): continue
            text = saves(op, args, f, shape, d)
            if text.replace("-", "").strip(): saved[key] = text
    print(json.dumps({"op": op, "args": [name(a) for a in args], "cases": cases, "saves": saved}) + ("," if i < len(CALLS) - 1 else ""))
print("]")
