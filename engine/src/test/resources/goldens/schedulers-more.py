"""Writes schedulers-more.json: settings that schedulers.json leaves out, by PyTorch, from a rate of 1."""
import json
import os
import re
import torch

STEPS = 40
S = torch.optim.lr_scheduler


def snake(name):
    name = re.sub("(?<!^)([A-Z])", lambda m: "_" + m.group(1).lower(), name)
    return {"t_max": "T_max", "t0": "T_0", "t_mult": "T_mult"}.get(name, name)


def scheduler(optimizer, case):
    args = {snake(k): v for k, v in case["args"].items()}
    if "schedules" in args:
        args["schedulers"] = [scheduler(optimizer, c) for c in args.pop("schedules")]
    if case["scheduler"] in ("CyclicLR", "OneCycleLR"):
        args["cycle_momentum"] = False
    return getattr(S, case["scheduler"])(optimizer, **args)


def case(name, **args):
    return dict(scheduler=name, args=args)


def rates(c):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    s = scheduler(optimizer, c)
    lr = []
    for t in range(STEPS):
        lr.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        s.step(c["metrics"][t]) if "metrics" in c else s.step()
    return lr


cases = [
    case("ConstantLR"),
    case("LinearLR"),
    case("PolynomialLR"),
    case("PolynomialLR", totalIters=7, power=0.5),
    case("StepLR", stepSize=7),
    case("MultiStepLR", milestones=[20, 5, 5]),
    case("CosineAnnealingLR", tMax=9),
    case("CosineAnnealingWarmRestarts", t0=7),
    case("CosineAnnealingWarmRestarts", t0=2, tMult=3, etaMin=0.1),
    case("OneCycleLR", maxLr=2.0, totalSteps=STEPS),
    case("OneCycleLR", maxLr=2.0, totalSteps=STEPS, pctStart=0.4, annealStrategy="linear", divFactor=10.0,
         finalDivFactor=100.0, threePhase=False),
    case("OneCycleLR", maxLr=2.0, totalSteps=STEPS, pctStart=0.2, annealStrategy="cos", divFactor=10.0,
         finalDivFactor=100.0, threePhase=True),
    case("CyclicLR", baseLr=0.1, maxLr=0.9, stepSizeUp=3, stepSizeDown=5, mode="triangular", gamma=1.0),
    case("CyclicLR", baseLr=0.1, maxLr=0.9, stepSizeUp=3, stepSizeDown=5, mode="triangular2", gamma=1.0),
    case("CyclicLR", baseLr=0.1, maxLr=0.9, stepSizeUp=4, stepSizeDown=2, mode="exp_range", gamma=0.95),
    case("SequentialLR", schedules=[case("LinearLR", startFactor=0.1, endFactor=1.0, totalIters=4),
                                    case("ExponentialLR", gamma=0.9)], milestones=[5]),
]
metrics = [5.0, 4.0, 4.0, 4.0, 3.9999, 4.0, 4.0, 4.0, 4.0, 4.0, 3.0, 3.0, 3.0, 3.0, float("nan"), 3.0, 3.0, 2.0] * 3
for args in (dict(patience=2), dict(patience=1, factor=0.5, cooldown=2, minLr=0.1),
             dict(mode="max", patience=3, threshold=0.5, thresholdMode="abs", eps=0.001)):
    cases.append(dict(case("ReduceLROnPlateau", **args), metrics=metrics[:STEPS]))
for c in cases:
    c["lr"] = rates(c)
    if "metrics" in c:
        c["metrics"] = ["nan" if m != m else m for m in c["metrics"]]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "schedulers-more.json"), "w") as f:
    json.dump(dict(torch=torch.__version__, initial_lr=1.0, cases=cases), f)
    f.write("\n")
