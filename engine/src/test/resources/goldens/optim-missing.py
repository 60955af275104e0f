"""Writes optim-missing.json: optimizers under schedules, in steps where parameters have no gradient.

A step's gradients are numbers, null (none: set_to_none) or "zero" (zeros that zero_grad left). The scheduler
is stepped after each step of the optimizer.
"""
import json
import os
import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)  # of what optimizers keep as numbers of their own, too
STEPS, SIZE = 9, 3
# Which of three parameters has a gradient: x yes, - none, 0 zeros.
PATTERNS = ["xxxxxxxxx", "x-xx--x0x", "----xxx-x"]
initial = [torch.randn(SIZE, dtype=torch.float64) for _ in PATTERNS]
grads = []
for t in range(STEPS):
    row = []
    for pattern in PATTERNS:
        c = pattern[t]
        row.append(None if c == "-" else (torch.zeros if c == "0" else torch.randn)(SIZE, dtype=torch.float64))
    grads.append(row)

RULES = [
    ("SGD", dict(lr=0.1)),
    ("SGD", dict(lr=0.1, momentum=0.9, dampening=0.5)),
    ("SGD", dict(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1)),
    ("Adam", dict(lr=0.1)),
    ("Adam", dict(lr=0.1, amsgrad=True, weight_decay=0.1)),
    ("RMSprop", dict(lr=0.1)),
    ("RMSprop", dict(lr=0.1, momentum=0.9, centered=True)),
    ("AdamW", dict(lr=0.1, weight_decay=0.1)),
    ("Adagrad", dict(lr=0.1, lr_decay=0.1)),
    ("Adadelta", dict(lr=0.1)),
    ("Adamax", dict(lr=0.1)),
    ("NAdam", dict(lr=0.1)),
    ("RAdam", dict(lr=0.1, betas=[0.9, 0.9])),
]
S = torch.optim.lr_scheduler
SCHEDULES = {
    "none": lambda o: None,
    "StepLR 2 0.5": lambda o: S.StepLR(o, 2, 0.5),
    "LambdaLR 0.9^t": lambda o: S.LambdaLR(o, lambda t: 0.9**t),
    "LinearLR 0.25 1 5": lambda o: S.LinearLR(o, 0.25, 1.0, 5),
}

cases = []
for name, args in RULES:
    for schedule, make in SCHEDULES.items():
        ps = [p.clone().requires_grad_() for p in initial]
        optimizer = getattr(torch.optim, name)(ps, **args)
        scheduler = make(optimizer)
        trace = []
        for row in grads:
            for p, g in zip(ps, row):
                p.grad = None if g is None else g.clone()
            optimizer.step()
            if scheduler:
                scheduler.step()
            trace.append([p.tolist() for p in ps])
        cases.append(dict(optimizer=name, args=args, schedule=schedule, trace=trace))

out = dict(
    torch=torch.__version__,
    initial=[p.tolist() for p in initial],
    grads=[[None if g is None else g.tolist() for g in row] for row in grads],
    cases=cases,
)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "optim-missing.json"), "w") as f:
    json.dump(out, f)
    f.write("\n")
