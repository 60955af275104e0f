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
    t = t.detach()
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
    except RuntimeError:
        second = False
        gi = torch.autograd.grad([o for o in call() if o.requires_grad], leaves, gos, allow_unused=True)
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
# MORE
json.dump({"pytorch": torch.__version__, "cases": CASES}, sys.stdout, separators=(",", ":"))
