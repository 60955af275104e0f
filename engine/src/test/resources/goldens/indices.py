#!/usr/bin/env python3
"""Writes indices.json: what PyTorch 1.13 makes of each kind of index in each operation that takes one.

    indices.py > indices.json

x is [0, 1, 2, 3, 4], m [[0, 1, 2], [3, 4, 5]], both float64 and leaves; v as many ones as the index has elements, at
least one; w whole numbers. A case: the result and the gradients of x, m and v from an upstream gradient of 1, 2, 3, ...,
or an error. Masks of other types than bool and uint8 are left out: maskedFill reads their bytes.
"""
import json, warnings
import torch, torch.nn.functional as F

warnings.filterwarnings("ignore")
D, NAN = torch.float64, float("nan")


def L(*v, dtype=torch.int64):
    return torch.tensor(v, dtype=dtype)


INDICES = {
    "int64": L(0, 1), "int32": L(0, 1, dtype=torch.int32), "uint8": L(0, 1, dtype=torch.uint8),
    "int8": L(0, 1, dtype=torch.int8), "int16": L(0, 1, dtype=torch.int16), "bool": L(0, 1, dtype=torch.bool),
    "float32": L(0, 1, dtype=torch.float32), "nan": torch.tensor([NAN, 1], dtype=D), "negative": L(-1, 0),
    "farNegative": L(-3, 0), "far": L(0, 3), "empty": torch.zeros(0).long(), "zeroDim": torch.tensor(1),
    "matrix": L([0, 1]), "expanded": L(1).expand(2), "repeated": L(1, 1), "emptyFloat": torch.zeros(0),
    "emptyInt32": torch.zeros(0, dtype=torch.int32), "maskOfThree": L(1, 0, 1, dtype=torch.bool),
    "maskOfFive": L(1, 0, 1, 0, 0, dtype=torch.bool), "maskMatrix": L([1, 0, 1], [0, 1, 0]).bool(),
    "maskZeroDim": torch.tensor(True), "maskZeroDimFalse": torch.tensor(False), "int64OfFour": L(0, 1, 1, 0),
}
MASKS = ("uint8", "bool", "maskOfThree", "maskOfFive", "maskMatrix", "maskZeroDim", "maskZeroDimFalse")
nine = torch.tensor(9.0, dtype=D)
w = L(5, 6)
OPS = {
    "gather": lambda x, m, v, i: x.gather(0, i),
    "gatherRows": lambda x, m, v, i: m.gather(1, i),
    "scatter": lambda x, m, v, i: x.scatter(0, i, v),
    "scatterValue": lambda x, m, v, i: x.scatter(0, i, 2.0),
    "scatterAdd": lambda x, m, v, i: x.scatter_add(0, i, v),
    "scatterReduce": lambda x, m, v, i: x.scatter_reduce(0, i, v, "amax"),
    "indexSelect": lambda x, m, v, i: x.index_select(0, i),
    "indexSelectColumns": lambda x, m, v, i: m.index_select(1, i),
    "indexAdd": lambda x, m, v, i: x.index_add(0, i, v),
    "indexAddAlpha": lambda x, m, v, i: x.index_add(0, i, v, alpha=2.5),
    "indexCopy": lambda x, m, v, i: x.index_copy(0, i, v),
    "indexFill": lambda x, m, v, i: x.index_fill(0, i, 9.0),
    "indexFillColumns": lambda x, m, v, i: m.index_fill(1, i, 9.0),
    "indexFillTensor": lambda x, m, v, i: x.index_fill(0, i, v.sum()),
    "index": lambda x, m, v, i: m[i],
    "indexColumns": lambda x, m, v, i: m[:, i],
    "indexPut": lambda x, m, v, i: m.index_put((i,), v.sum()),
    "indexPutAdd": lambda x, m, v, i: m.index_put((i,), v.sum(), accumulate=True),
    "take": lambda x, m, v, i: m.take(i),
    "put": lambda x, m, v, i: m.put(i, v.reshape(i.shape)),
    "putAdd": lambda x, m, v, i: m.put(i, v.reshape(i.shape), accumulate=True),
    "takeAlongDim": lambda x, m, v, i: torch.take_along_dim(x, i, 0),
    "takeAlong": lambda x, m, v, i: torch.take_along_dim(m, i),
    "maskedSelect": lambda x, m, v, i: x[:i.shape[-1] if i.dim() else 5].masked_select(i),
    "maskedFill": lambda x, m, v, i: x[:i.shape[-1] if i.dim() else 5].masked_fill(i, 9.0),
    "maskedScatter": lambda x, m, v, i: x[:i.shape[-1] if i.dim() else 5].masked_scatter(i, m),
    "where": lambda x, m, v, i: torch.where(i, m.sum(), x.sum()),
    "embedding": lambda x, m, v, i: F.embedding(i, m),
    "embeddingBag": lambda x, m, v, i: F.embedding_bag(i, m, None if i.dim() == 2 else L(0)),
    "nllLoss": lambda x, m, v, i: F.nll_loss(m, i),
    "crossEntropy": lambda x, m, v, i: F.cross_entropy(m, i),
    "oneHot": lambda x, m, v, i: F.one_hot(i, 3),
    "oneHotOfAll": lambda x, m, v, i: F.one_hot(i),
    "repeatInterleave": lambda x, m, v, i: m.repeat_interleave(i, 0),
    "bincount": lambda x, m, v, i: torch.bincount(i),
}


def listed(t):
    return None if t is None else t.reshape(-1).double().tolist()


def case(op, name):
    i = INDICES[name]
    if op.startswith("masked") and name not in MASKS:
        return None
    if op.startswith("indexPut") and name.startswith("maskZeroDim"):  # Python's m[mask] = v, not index_put, takes them
        return None
    x = torch.arange(5, dtype=D).requires_grad_()
    m = torch.arange(6, dtype=D).reshape(2, 3).requires_grad_()
    v = torch.ones(max(1, i.numel()) if not op.startswith(("index", "put")) else i.numel(), dtype=D).requires_grad_()
    try:
        y = OPS[op](x, m, v, i)
        e = {"shape": list(y.shape), "dtype": str(y.dtype)[6:], "data": listed(y)}
    except Exception as error:
        return {"error": type(error).__name__}
    if y.requires_grad:
        g = torch.arange(1, y.numel() + 1, dtype=D).reshape(y.shape)
        try:
            e["gradients"] = [listed(t) for t in torch.autograd.grad(y, [x, m, v], g, allow_unused=True)]
        except (RuntimeError, IndexError):  # PyTorch fails in backward: indexFill from the end, scatter by a number
            pass
    return e


cases = [(op, name, case(op, name)) for op in OPS for name in INDICES]
print('{"pytorch":%s,"cases":[' % json.dumps(torch.__version__))
print(",\n".join(json.dumps(dict(op=o, index=n, **e), separators=(",", ":")) for o, n, e in cases if e))
print("]}")
