"""Writes optim-more.json: what optim.json leaves out, from its numbers and gradients.

By PyTorch, but for FTRL and LAMB, which it has not: by the formulas of the papers, in Python's double.
"""
import json
import math
import os
import torch

torch.set_default_dtype(torch.float64)  # of what optimizers keep as numbers of their own, too
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "optim.json")) as f:
    given = json.load(f)


def numbers(row):
    return [p["data"] for p in row]


def by_torch(name, args):
    ps = [torch.tensor(p, dtype=torch.float64).requires_grad_() for p in numbers(given["initial"])]
    optimizer = getattr(torch.optim, name)(ps, **args)
    trace = []
    for row in given["grads"]:
        for p, g in zip(ps, numbers(row)):
            g = torch.tensor(g, dtype=torch.float64)
            p.grad = g.to_sparse() if name == "SparseAdam" else g
        optimizer.step()
        trace.append([p.tolist() for p in ps])
    return trace


def ftrl(w, g, slots, t, lr, beta=1, l1=0, l2=0):
    """McMahan et al. 2013, algorithm 1; z first so that it gives the weight it starts from."""
    if t == 1:
        slots["n"] = 0
        slots["z"] = -w * (beta / lr + l2) - math.copysign(l1, w)
    n, z = slots["n"], slots["z"]
    sigma = (math.sqrt(n + g * g) - math.sqrt(n)) / lr
    z = slots["z"] = z + g - sigma * w
    n = slots["n"] = n + g * g
    return 0.0 if abs(z) <= l1 else -(z - math.copysign(l1, z)) / ((beta + math.sqrt(n)) / lr + l2)


def lamb(ws, gs, slots, t, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    """You et al. 2019, algorithm 2, of a whole parameter."""
    steps = []
    for w, g, s in zip(ws, gs, slots):
        m = s["m"] = betas[0] * s.get("m", 0) + (1 - betas[0]) * g
        v = s["v"] = betas[1] * s.get("v", 0) + (1 - betas[1]) * g * g
        r = m / (1 - betas[0] ** t) / (math.sqrt(v / (1 - betas[1] ** t)) + eps)
        steps.append(r + weight_decay * w)
    of_weights, of_steps = (math.sqrt(sum(x * x for x in xs)) for xs in (ws, steps))
    ratio = of_weights / of_steps if of_weights > 0 and of_steps > 0 else 1
    return [w - lr * ratio * r for w, r in zip(ws, steps)]


def one_by_one(rule):
    return lambda ws, gs, slots, t, **args: [rule(w, g, s, t, **args) for w, g, s in zip(ws, gs, slots)]


def by_formula(rule, args):
    ps = [list(p) for p in numbers(given["initial"])]
    slots = [[{} for _ in p] for p in ps]
    trace = []
    for t, row in enumerate(given["grads"], 1):
        ps = [rule(*three, t, **args) for three in zip(ps, numbers(row), slots)]
        trace.append(ps)
    return trace


TORCH = [
    ("AdamW", dict(lr=0.01)),
    ("AdamW", dict(lr=0.01, betas=[0.8, 0.95], eps=1e-6, weight_decay=0.3, amsgrad=True, maximize=True)),
    ("Adam", dict(lr=0.01, weight_decay=0.1, amsgrad=True, maximize=True)),
    ("Adagrad", dict(lr=0.1, weight_decay=0.1, eps=1e-6, maximize=True)),
    ("RMSprop", dict(lr=0.01, alpha=0.9, weight_decay=0.1, maximize=True)),
    ("Adadelta", dict(lr=0.5, rho=0.8, eps=1e-4, weight_decay=0.1, maximize=True)),
    ("Adamax", dict(lr=0.01, betas=[0.8, 0.95], eps=1e-6, weight_decay=0.1, maximize=True)),
    ("NAdam", dict(lr=0.01, betas=[0.8, 0.95], eps=1e-6, weight_decay=0.1, momentum_decay=0.1)),
    ("RAdam", dict(lr=0.01, betas=[0.8, 0.9], eps=1e-6, weight_decay=0.1)),
    ("ASGD", dict(lr=0.1)),
    ("ASGD", dict(lr=0.1, lambd=0.1, alpha=0.5, t0=3, weight_decay=0.1, maximize=True)),
    ("SparseAdam", dict(lr=0.01)),
    ("SparseAdam", dict(lr=0.01, betas=[0.8, 0.95], eps=1e-6, maximize=True)),
]
FORMULAS = [
    ("FTRL", one_by_one(ftrl), dict(lr=0.1)),
    ("FTRL", one_by_one(ftrl), dict(lr=0.3, beta=0.5, l1=0.4, l2=0.1)),
    ("LAMB", lamb, dict(lr=0.01)),
    ("LAMB", lamb, dict(lr=0.02, betas=[0.8, 0.95], eps=1e-6, weight_decay=0.3)),
]


def of_rows(name, args):
    """Gradients of few rows of five, some named twice."""
    w = torch.tensor(rows["initial"]).requires_grad_()
    optimizer = getattr(torch.optim, name)([w], **args)
    trace = []
    for ids, values in zip(rows["ids"], rows["values"]):
        w.grad = torch.sparse_coo_tensor([ids], torch.tensor(values), (5, 2))
        optimizer.step()
        trace.append(w.flatten().tolist())
    return dict(optimizer=name, args=args, trace=trace)


torch.manual_seed(0)
rows = dict(
    initial=torch.randn(5, 2).tolist(),
    ids=[[0, 3, 3], [1, 3, 4], [0, 0, 0], [4, 3, 1], [3, 4, 3]],
    values=torch.randn(5, 3, 2).tolist(),
)
rows["cases"] = [
    of_rows("SGD", dict(lr=0.1)),
    of_rows("Adagrad", dict(lr=0.1, lr_decay=0.1)),
    of_rows("Adagrad", dict(lr=0.1, initial_accumulator_value=0.5)),
    of_rows("SparseAdam", dict(lr=0.1)),
    of_rows("SparseAdam", dict(lr=0.1, betas=[0.8, 0.95], eps=1e-6, maximize=True)),
]
rows["initial"] = [x for row in rows["initial"] for x in row]
rows["values"] = [[x for row in step for x in row] for step in rows["values"]]
cases = [dict(optimizer=n, args=a, trace=by_torch(n, a)) for n, a in TORCH]
cases += [dict(optimizer=n, args=a, trace=by_formula(f, a)) for n, f, a in FORMULAS]
with open(os.path.join(here, "optim-more.json"), "w") as f:
    json.dump(dict(torch=torch.__version__, cases=cases, rows=rows), f)
    f.write("\n")
