#!/usr/bin/env python3
"""Writes node-names.json: what PyTorch 1.13 calls the nodes of each operation's outputs, null where there is none.

    node-names.py make_goldens.py pointwise-ops.py more-ops.py > node-names.json

Takes the scripts that make the goldens and runs their cases without their numbers. An operation may have several answers:
what it does depends on its arguments.
"""
import io, json, sys, tempfile
import torch
NAMES = {}
def case(op, fn, inputs, args=None, grad=None, **_):
    inputs = inputs() if callable(inputs) else inputs
    ins = [t.clone().requires_grad_(t.is_floating_point() and (grad is None or i in grad)) for i, t in enumerate(inputs)]
    outs = fn(*ins)
    outs = list(outs) if isinstance(outs, (tuple, list)) else [outs]
    names = [o.grad_fn.name().rsplit("::", 1)[-1] if o.grad_fn else None for o in outs]
    if names not in NAMES.setdefault(op, []): NAMES[op].append(names)
scripts, out = sys.argv[1:], sys.stdout
for script in scripts:
    source = open(script).read().replace("def case(", "def numbers(")
    with tempfile.TemporaryDirectory() as scratch:
        sys.argv, sys.stdout = [script, scratch], io.StringIO()
        exec(compile(source, script, "exec"), {"case": case, "G": torch.Generator(), "__name__": "__main__"})
    sys.stdout = out
print("{\n" + ",\n".join(json.dumps(op) + ": " + json.dumps(NAMES[op]) for op in sorted(NAMES)) + "\n}")
