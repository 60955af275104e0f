"""Writes clip-and-average.json: what clip_grad_norm_, clip_grad_value_ and averages of weights give in PyTorch."""
import json
import os
import torch
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from torch.optim.swa_utils import AveragedModel

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
INF = float("inf")
SHAPES = [(3,), (2, 2), ()]


def plain(x):
    x = x.tolist() if torch.is_tensor(x) else x
    if isinstance(x, list):
        return [plain(v) for v in x]
    return str(x) if x != x or abs(x) == INF else x


def parameters(grads):
    ps = [torch.zeros(s, requires_grad=True) for s in SHAPES]
    for p, g in zip(ps, grads):
        p.grad = None if g is None else g.clone()
    return ps


grads = [torch.randn(s) for s in SHAPES]
odd = [torch.tensor([1.0, INF, 2.0]), grads[1], grads[2]]
norms = []
for given in (grads, [grads[0], None, grads[2]], [torch.zeros(3)] + grads[1:2] + [None], [torch.zeros(3), None, None], odd):
    for most in (0.5, 100.0):
        for kind in (2.0, 1.0, INF, 0.5):
            ps = parameters(given)
            total = clip_grad_norm_(ps, most, kind)
            norms.append(dict(
                grads=[None if g is None else plain(g.flatten()) for g in given], max=most, type=plain(kind),
                total=plain(total), clipped=[None if p.grad is None else plain(p.grad.flatten()) for p in ps]))
ps = parameters(odd)
clip_grad_value_(ps, 0.5)
values = dict(grads=[plain(g.flatten()) for g in odd], clipped=[plain(p.grad.flatten()) for p in ps])

rows = dict(ids=[3, 1, 3], values=torch.randn(3, 2).tolist())
w = torch.zeros(5, 2, requires_grad=True)
w.grad = torch.sparse_coo_tensor([rows["ids"]], torch.tensor(rows["values"]), (5, 2)).to_dense()  # a sparse one stays as it is
rows["total"] = clip_grad_norm_([w], 0.5).item()
rows["clipped"] = plain(w.grad.flatten())
rows["values"] = sum(rows["values"], [])

weights = torch.randn(5, 4)
averages = []
for name, fn in (("equal", None), ("exponential 0.75", lambda a, w, n: 0.75 * a + 0.25 * w)):
    model = torch.nn.Linear(4, 1, bias=False)
    average = AveragedModel(model, avg_fn=fn)
    trace = []
    for row in weights:
        model.weight.data.copy_(row)
        average.update_parameters(model)
        trace.append(plain(average.module.weight.flatten()))
    averages.append(dict(name=name, trace=trace))

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "clip-and-average.json"), "w") as f:
    json.dump(dict(torch=torch.__version__, norms=norms, values=values, rows=rows, weights=plain(weights),
                   averages=averages), f)
    f.write("\n")
