#!/usr/bin/env python3
"""Writes more-ops.json: PyTorch 1.13's values, gradients and second-order products of operations in its tests' format.

    more-ops.py > more-ops.json

A case names the method and its arguments as our Tensor has them. A derivative is left out where PyTorch has none.
"""
import json, math, sys, warnings
import torch, torch.nn.functional as F
warnings.filterwarnings("ignore")
G = torch.Generator().manual_seed(2027)
D = torch.float64
inf, nan = math.inf, math.nan
def R(*s, lo=-2.0, hi=2.0): return torch.rand(s, generator=G, dtype=D) * (hi - lo) + lo
def P(*s): return R(*s, lo=0.3, hi=2.5)
def I(hi, *s): return torch.randint(hi, s, generator=G)
def T(*v): return torch.tensor(v, dtype=D)
def L(*v): return torch.tensor(v)
def num(v):
    if isinstance(v, float):
        if math.isnan(v): return "nan"
        if math.isinf(v): return "inf" if v > 0 else "-inf"
    return v
def ten(t):
    if t is None: return None
    t = torch.zeros(t.shape, dtype=t.dtype) if t._is_zerotensor() else t.detach()
    return {"shape": list(t.shape), "dtype": str(t.dtype).replace("torch.", ""), "data": [num(v) for v in t.reshape(-1).tolist()]}
CASES = []
def case(op, fn, inputs, args=None, grad=None, second=True):
    ins = [t.clone().requires_grad_(t.is_floating_point() and (grad is None or i in grad)) for i, t in enumerate(inputs)]
    def call():
        out = fn(*ins)
        return list(out) if isinstance(out, (tuple, list)) else [out]
    outs = call()
    e = {"op": op, "args": {k: num(v) for k, v in (args or {}).items()}, "inputs": [dict(ten(t), requires_grad=t.requires_grad) for t in ins], "outputs": [ten(o) for o in outs]}
    leaves = [t for t in ins if t.requires_grad]
    dif = [o for o in outs if o.requires_grad]
    CASES.append(e)
    if not dif: return
    gos = [R(*o.shape, lo=-1, hi=1).requires_grad_(True) for o in dif]
    e["grad_outputs"] = [ten(g) for g in gos]
    try:
        gi = torch.autograd.grad(dif, leaves, gos, create_graph=second, allow_unused=True)
    except RuntimeError as x:
        if "implemented" not in str(x): raise
        second = False
        try: gi = torch.autograd.grad([o for o in call() if o.requires_grad], leaves, gos, allow_unused=True)
        except RuntimeError: sys.exit(op + ": no derivative; give it grad=[]")
    e["grad_inputs"] = [ten(g) for g in gi]
    present = [g for g in gi if g is not None]
    if not second or not any(g.requires_grad for g in present): return
    vv = [R(*g.shape, lo=-1, hi=1) for g in present]
    keep = [(g, v) for g, v in zip(present, vv) if g.requires_grad]
    try:
        gg = torch.autograd.grad([g for g, _ in keep], leaves + gos, [v for _, v in keep], allow_unused=True)
    except RuntimeError:
        return
    e["vv"] = [ten(v) for v in vv]; e["gg_inputs"] = [ten(g) for g in gg[:len(leaves)]]; e["gg_grad_outputs"] = [ten(g) for g in gg[len(leaves):]]

# ---- writing at indices (an element of x that is left out takes no share here; in PyTorch 1.13 it does if it ties)
for r in ("sum", "prod", "mean", "amax", "amin"):
    for s in (True, False):
        case("scatterReduce", lambda x, i, v: x.scatter_reduce(1, i, v, r, include_self=s), [R(3, 4), I(4, 3, 6), R(3, 6)], {"dim": 1, "reduce": r, "includeSelf": s})
        case("scatterReduce", lambda x, i, v: x.scatter_reduce(0, i, v, r, include_self=s), [T(1, 2, 0, 3) if s else T(7, 8, 9, 3), L(0, 0, 1, 2, 2, 1), T(1, 1, 5, 0, 3, 0)], {"dim": 0, "reduce": r, "includeSelf": s}, second=False)
        case("scatterReduce", lambda x, i, v: x.scatter_reduce(0, i, v, r, include_self=s), [I(9, 3, 4), I(3, 2, 4), I(9, 2, 4)], {"dim": 0, "reduce": r, "includeSelf": s})
case("indexAdd", lambda x, i, v: x.index_add(1, i, v, alpha=2.5), [R(2, 4), L(1, 1, 3), R(2, 3)], {"dim": 1, "alpha": 2.5})
case("indexCopy", lambda x, i, v: x.index_copy(1, i, v), [R(2, 4), L(1, 0, 3), R(2, 3)], {"dim": 1})
case("indexFill", lambda x, i: x.index_fill(0, i, 2.5), [R(3, 4), L(2, 0, 2)], {"dim": 0, "value": 2.5})
case("indexFill", lambda x, i, v: x.index_fill(0, i, v), [R(3, 4), L(2, 0), R()], {"dim": 0})
for a in (True, False): case("put", lambda x, i, v: x.put(i, v, a), [R(3, 4), L(2, -1, 5), R(3)], {"accumulate": a})
case("put", lambda x, i, v: x.put(i, v, True), [R(3, 4), L(2, -1, 2), R(3)], {"accumulate": True})
case("take", lambda x, i: x.take(i), [R(3, 4), L([0, -1], [5, 0])])
case("takeAlongDim", lambda x, i: torch.take_along_dim(x, i, 1), [R(3, 4), L([0, 3, 0])], {"dim": 1})
case("takeAlongDim", lambda x, i: torch.take_along_dim(x, i), [R(3, 4), L([0, 3, 11])])
# ---- shapes
case("asStrided", lambda x: x.as_strided((2, 3), (1, 1), 1), [R(2, 3)], {"shape": [2, 3], "strides": [1, 1], "offset": 1})
case("unfold", lambda x: x.unfold(1, 3, 2), [R(2, 7)], {"dim": 1, "size": 3, "step": 2})
case("unfold", lambda x: x.unfold(0, 2, 1), [R(4, 3)], {"dim": 0, "size": 2, "step": 1})
case("flatten", lambda x: x.flatten(0, 1), [R(2, 3, 4)], {"startDim": 0, "endDim": 1})
case("unflatten", lambda x: x.unflatten(1, (2, 3)), [R(2, 6)], {"dim": 1, "sizes": [2, 3]})
case("movedim", lambda x: x.movedim((0, 1), (-1, 0)), [R(2, 3, 4)], {"source": [0, 1], "destination": [-1, 0]})
case("split", lambda x: x.split([1, 3], 1), [R(2, 4)], {"sizes": [1, 3], "dim": 1})
case("tensorSplit", lambda x: x.tensor_split(3, 1), [R(2, 7)], {"sections": 3, "dim": 1})
case("tensorSplit", lambda x: x.tensor_split([1, 4], 1), [R(2, 7)], {"indices": [1, 4], "dim": 1})
for o in (0, 1, -2): case("diagEmbed", lambda x: x.diag_embed(o, 0, 2), [R(2, 3)], {"offset": o, "dim1": 0, "dim2": 2})
for x in (R(3), R(3, 4)):
    for k in (0, 1, -1): case("diag", lambda x: x.diag(k), [x], {"diagonal": k})
case("repeatInterleave", lambda x: x.repeat_interleave(2, 1), [R(2, 3)], {"repeats": 2, "dim": 1})
case("repeatInterleave", lambda x, r: x.repeat_interleave(r, 0), [R(3, 2), L(2, 0, 3)], {"dim": 0})
case("tile", lambda x: x.tile((2,)), [R(2, 3)], {"dims": [2]})
for k in (1, 2, 3, 4): case("rot90", lambda x: x.rot90(k, (0, 1)), [R(2, 3)], {"k": k, "dims": [0, 1]})
for m in ("constant", "reflect", "replicate", "circular"): case("pad", lambda x: F.pad(x, (1, 2, 2, 0), mode=m), [R(2, 3, 4, 5)], {"pad": [1, 2, 2, 0], "mode": m})
case("pad", lambda x: F.pad(x, (-1, 2), value=1.5), [R(2, 3)], {"pad": [-1, 2], "mode": "constant", "value": 1.5})
# ---- order and counts
TIES = T([2, 2, 3, 2, 1], [3, 1, 3, 1, 3], [5, 4, 3, 2, 2])
NANS = T([1, nan, 3, 0], [nan, nan, nan, 2], [4, 4, nan, 4])
for x in (R(3, 5), R(3, 6)):
    for k in (False, True):
        for n in ("median", "nanmedian", "mode"): case(n, lambda x: tuple(getattr(x, n)(1, keepdim=k)), [x], {"dim": 1, "keepdim": k})
        case("kthvalue", lambda x: tuple(x.kthvalue(2, 1, keepdim=k)), [x], {"k": 2, "dim": 1, "keepdim": k})
    for n in ("median", "nanmedian"): case(n, lambda x: getattr(x, n)(), [x])
for x in (TIES, NANS):
    for n in ("cummax", "cummin"): case(n, lambda x: tuple(getattr(x, n)(1)), [x], {"dim": 1}, second=False)
    for n in ("median", "nanmedian"): case(n, lambda x: getattr(x, n)(), [x], second=False)
for n in ("median", "nanmedian"): case(n, lambda x: tuple(getattr(x, n)(1)), [NANS], {"dim": 1, "keepdim": False}, grad=[])
case("mode", lambda x: tuple(x.mode(1)), [TIES], {"dim": 1, "keepdim": False}, second=False)
for n in ("cummax", "cummin"): case(n, lambda x: tuple(getattr(x, n)(0)), [R(4, 3)], {"dim": 0})
for d in (0, 1): case("logcumsumexp", lambda x: x.logcumsumexp(d), [R(3, 5, lo=-9, hi=9)], {"dim": d})
case("logcumsumexp", lambda x: x.logcumsumexp(0), [T(-inf, 1000, 1001, -1000)], {"dim": 0}, grad=[])
case("msort", lambda x: x.msort(), [R(4, 3)])
case("sort", lambda x: tuple(x.sort(dim=1, stable=True)), [TIES], {"dim": 1}, second=False)
case("sort", lambda x: tuple(x.sort(dim=1, descending=True, stable=True)), [TIES], {"dim": 1, "descending": True}, second=False)
case("topk", lambda x: tuple(x.topk(3, 1, largest=False)), [R(3, 6)], {"k": 3, "dim": 1, "largest": False})
for x in (I(4, 3, 5), R(7).round()):
    case("unique", lambda x: x.unique(return_inverse=True, return_counts=True), [x], grad=[])
    case("uniqueConsecutive", lambda x: x.unique_consecutive(return_inverse=True, return_counts=True), [x], grad=[])
case("bincount", lambda x: x.bincount(minlength=7), [I(5, 9)], {"minlength": 7})
case("bincount", lambda x, w: x.bincount(w, 0), [I(5, 9), R(9)], {"minlength": 0}, grad=[])
case("histc", lambda x: x.histc(4, -1, 1), [torch.cat([R(20), T(-1, 1, .5)])], {"bins": 4, "min": -1.0, "max": 1.0}, grad=[])
case("histc", lambda x: x.histc(5), [R(20)], {"bins": 5, "min": 0.0, "max": 0.0}, grad=[])
for r in (False, True):
    case("searchsorted", lambda s, v: torch.searchsorted(s, v, right=r), [T(1, 2, 2, 5), T([0, 2, 5], [1, 6, nan])], {"right": r}, grad=[])
    case("searchsorted", lambda s, v: torch.searchsorted(s, v, right=r), [R(2, 5).sort(1)[0], R(2, 3)], {"right": r}, grad=[])
    case("bucketize", lambda v, b: torch.bucketize(v, b, right=r), [L([1, 4], [9, 0]), L(1, 4, 8)], {"right": r})
# ---- reductions
case("nansum", lambda x: x.nansum(1), [NANS], {"dim": [1], "keepdim": False}); case("nanmean", lambda x: x.nanmean(1, keepdim=True), [NANS], {"dim": [1], "keepdim": True}); case("nanmean", lambda x: x.nanmean(), [NANS])
for c in (0, 1): case("varMean", lambda x: torch.var_mean(x, 1, correction=c, keepdim=True), [R(2, 3, 4)], {"dim": [1], "keepdim": True, "correction": c}); case("stdMean", lambda x: torch.std_mean(x, (0, 2), correction=c), [R(2, 3, 4)], {"dim": [0, 2], "keepdim": False, "correction": c})
case("aminmax", lambda x: tuple(x.aminmax(dim=1)), [TIES], {"dim": 1, "keepdim": False}, grad=[]); case("aminmax", lambda x: tuple(x.aminmax()), [R(3, 4)], grad=[])
for n in ("all", "any"): case(n, lambda x: getattr(x, n)(1), [I(2, 4, 3)], {"dim": 1}); case(n, lambda x: getattr(x, n)(), [I(2, 4, 3)])
case("countNonzero", lambda x: x.count_nonzero(1), [I(2, 4, 3)], {"dim": [1]})
for p in (0.0, .5, 1.0, 1.5, 2.0, 3.0, inf, -inf, -1.0):
    case("norm", lambda x: x.norm(p, dim=1), [R(3, 4)], {"p": p, "dim": 1}, second=p != 0)
    if p > 0: case("norm", lambda x: x.norm(p, dim=1), [T([0, 0, 0], [0, 2, 0] if p != inf else [0, 2, -2])], {"p": p, "dim": 1}, second=False)
    if p > 0 and math.isfinite(p): case("renorm", lambda x: x.renorm(p, 1, 1.5), [R(3, 4)], {"p": p, "dim": 1, "maxnorm": 1.5})
    if p >= 0: case("cdist", lambda a, b: torch.cdist(a, b, p), [R(2, 3, 4), R(5, 4)], {"p": p})
    if p != 0: case("dist", lambda a, b: torch.dist(a, b, p), [R(3, 4), R(4)], {"p": p})
case("cdist", lambda a, b: torch.cdist(a, b), [T([0, 1], [2, 2]), T([0, 1], [1, 0])], {"p": 2.0}, second=False)
case("pairwiseDistance", F.pairwise_distance, [R(3, 4), R(3, 4)]); case("pairwiseDistance", lambda a, b: F.pairwise_distance(a, b, 1.0, 1e-3, True), [R(3, 4), R(4)], {"p": 1.0, "eps": 1e-3, "keepdim": True}); case("pairwiseDistance", F.pairwise_distance, [T([0, 0]), T([0, 0])], second=False)
case("cosineSimilarity", lambda a, b: F.cosine_similarity(a, b, -1), [R(2, 3, 4), R(3, 4)], {"dim": -1})
# ---- linear algebra
def S(n, *b): x = R(*b, n, n); return x @ x.transpose(-2, -1) + torch.eye(n, dtype=D)
def sym(x): return (x + x.transpose(-2, -1)) / 2
for x in (R(3, 3), R(2, 4, 4)):
    case("inverse", torch.inverse, [x]); case("det", torch.det, [x]); case("slogdet", lambda x: tuple(torch.slogdet(x)), [x]); case("matrixPower", lambda x: x.matrix_power(3), [x], {"n": 3}); case("matrixPower", lambda x: x.matrix_power(-2), [x], {"n": -2})
case("logdet", torch.logdet, [S(3)]); case("logdet", torch.logdet, [T([1, 2], [3, 4])], grad=[]); case("slogdet", lambda x: tuple(torch.slogdet(x)), [T([0, 1], [1, 0])], second=False)
for b in (R(3), R(3, 2)): case("solve", torch.linalg.solve, [R(3, 3), b])
case("solve", torch.linalg.solve, [R(2, 1, 3, 3), R(4, 3, 2)]); case("solve", torch.linalg.solve, [R(2, 3, 3), R(2, 3)])
for u in (False, True):
    case("cholesky", lambda x: torch.linalg.cholesky(sym(x), upper=u), [S(3, 2)], {"upper": u})
    for t in (False, True):
        for d in (False, True): case("triangularSolve", lambda b, a: torch.triangular_solve(b, a, u, t, d)[0], [R(3, 2), P(3, 3)], {"upper": u, "transpose": t, "unitriangular": d})
case("addmv", lambda c, a, b: torch.addmv(c, a, b, beta=.5, alpha=2.), [R(3), R(3, 4), R(4)], {"beta": .5, "alpha": 2.0}); case("addr", lambda c, a, b: torch.addr(c, a, b, beta=.5, alpha=2.), [R(3, 4), R(3), R(4)], {"beta": .5, "alpha": 2.0})
for n in ("baddbmm", "addbmm"): case(n, lambda c, a, b: getattr(torch, n)(c, a, b, beta=.5, alpha=2.), [R(4), R(2, 3, 5), R(2, 5, 4)], {"beta": .5, "alpha": 2.0})
case("vdot", torch.vdot, [R(4), R(4)]); case("inner", torch.inner, [R(2, 3), R(4, 3)]); case("inner", torch.inner, [R(2, 3), R()]); case("trace", torch.trace, [R(3, 4)])
case("kron", torch.kron, [R(2, 3), R(4, 2)]); case("kron", torch.kron, [R(3), R(2, 2)]); case("tensordot", lambda a, b: torch.tensordot(a, b, 2), [R(2, 3, 4), R(3, 4, 5)], {"dims": 2}); case("tensordot", lambda a, b: torch.tensordot(a, b, ([0, 2], [1, 0])), [R(2, 3, 4), R(4, 2, 5)], {"dimsSelf": [0, 2], "dimsOther": [1, 0]})
for e, s in [("...ij,...jk->...ik", [(2, 1, 3, 4), (5, 4, 2)]), ("...ij->j...i", [(2, 1, 3, 4)]), ("i...,j", [(2, 3), (4,)]), ("bi,bj", [(3, 2), (3, 4)]), ("ij,ij", [(2, 1), (2, 3)]), ("...ii->...i", [(2, 3, 3)]), ("i,j,k->kji", [(2,), (3,), (4,)]), ("...,...", [(2, 3), (3,)])]: case("einsum", lambda *t: torch.einsum(e, *t), [R(*x) for x in s], {"equation": e})
# MORE
json.dump({"pytorch": torch.__version__, "cases": CASES}, sys.stdout, separators=(",", ":"))
