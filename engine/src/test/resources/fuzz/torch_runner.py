"""PyTorch's side of the differential fuzzer: reads a program a line, runs it, writes what it saw as a line.

A program is JSON: {"seed": n, "statements": [...]}, see Program.java. With --text it prints the programs as Python instead.
"""
import json
import re
import sys
import warnings

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
warnings.simplefilter("ignore")

# Java's method, by its name or its name and parameters, as an expression of PyTorch. What is not here is the Tensor method
# (or the function of torch.nn.functional, torch, torch.linalg) of the same name in snake case, arguments in their order.
EXPRESSIONS = {
    "all(dim,keepdim)": "over_dims(torch.all, self, dim, keepdim)",
    "any(dim,keepdim)": "over_dims(torch.any, self, dim, keepdim)",
    "alphaDropout": "F.alpha_dropout(self, p, train)",
    "dropout": "F.dropout(self, p, train)",
    "featureAlphaDropout": "F.feature_alpha_dropout(self, p, train)",
    "aminmax(dim,keepdim)": "self.aminmax(dim=dim, keepdim=keepdim)",
    "at": "self[tuple(indices)].item()",
    "atLong": "self[tuple(indices)].long().item()",
    "itemLong": "self.reshape([]).long().item()",
    "atleast1d": "torch.atleast_1d(self)",
    "atleast2d": "torch.atleast_2d(self)",
    "atleast3d": "torch.atleast_3d(self)",
    "blockDiag": "torch.block_diag(*tensors)",
    "broadcastTensors": "torch.broadcast_tensors(*tensors)",
    "cartesianProd": "torch.cartesian_prod(*tensors)",
    "emptyStrided": "torch.empty_strided(shape, strides, dtype=dtype).zero_()",
    "bernoulli(device,dtype,p,shape)": "torch.empty(shape, dtype=dtype).bernoulli_(p)",
    "bernoulli(p)": "torch.bernoulli(p)",
    "bincount(minlength)": "self.bincount(minlength=minlength)",
    "cat": "torch.cat(tensors, dim)",
    "chainMatmul": "torch.chain_matmul(self, *others)",
    "clamp(min,max)": "self.clamp(bound(min), bound(max))",
    "clamp_(min,max)": "self.clamp_(bound(min), bound(max))",
    "crossEntropy": "F.cross_entropy(self, target, reduction=reduction)",
    "crossEntropy(target,ignoreIndex,reduction)": "F.cross_entropy(self, target, ignore_index=ignore_index, reduction=reduction)",
    "crossEntropy(target,weight,ignoreIndex,reduction,labelSmoothing)":
        "F.cross_entropy(self, target, weight, ignore_index=ignore_index, reduction=reduction, label_smoothing=label_smoothing)",
    "data": "self.data",
    "dtype": "str(self.dtype)[6:]",
    "einsum": "torch.einsum(equation, *operands)",
    "elu_": "F.elu_(self)",
    "elu_(alpha)": "F.elu_(self, alpha)",
    "embedding": "F.embedding(indices, self)",
    "embedding(indices,paddingIdx)": "F.embedding(indices, self, padding_idx)",
    "embedding(indices,options)": "F.embedding(indices, self, **options)",
    "embeddingBag": "F.embedding_bag(indices, self, offsets, mode=mode)",
    "embeddingBag(indices,offsets,perSampleWeights,options)":
        "F.embedding_bag(indices, self, offsets, per_sample_weights=per_sample_weights, **options)",
    "empty": "torch.empty(shape, dtype=dtype).zero_()",
    "emptyLike": "torch.empty_like(t).zero_()",
    "newEmpty": "self.new_empty(shape).zero_()",
    "full(value,shape)": "torch.full(shape, value)",
    "full(value,dtype,shape)": "torch.full(shape, value, dtype=dtype)",
    "featureDropout": "torch.feature_dropout(self, p, train)",
    "gradFn": "node_name(self)",
    "grad": "self.grad",
    "index": "torch.ops.aten.index.Tensor(self, indices)",
    "indexPut": "torch.ops.aten.index_put(self, indices, values, accumulate)",
    "indexPut_": "torch.ops.aten.index_put_(self, indices, values, accumulate)",
    "isLeaf": "self.is_leaf",
    "isSparse": "self.is_sparse",
    "isin(elements,testElements)": "torch.isin(elements, test_elements)",
    "meshgrid": "torch.meshgrid(*tensors, indexing=indexing)",
    "mseLoss": "F.mse_loss(self, target, reduction=reduction)",
    "multinomial": "torch.multinomial(weights, num_samples, replacement)",
    "newFull": "self.new_full(shape, value)",
    "nllLoss": "F.nll_loss(self, target, reduction=reduction)",
    "nllLoss(target,ignoreIndex,reduction)": "F.nll_loss(self, target, ignore_index=ignore_index, reduction=reduction)",
    "nllLoss(target,weight,ignoreIndex,reduction)":
        "F.nll_loss(self, target, weight, ignore_index=ignore_index, reduction=reduction)",
    "normal": "torch.normal(mean, std, shape)",
    "normal(mean,std)": "torch.normal(mean, std)",
    "normal(device,dtype,mean,std,shape)": "torch.normal(mean, std, shape, dtype=dtype)",
    "numel": "self.numel()",
    "of": "torch.tensor(numbers, dtype=dtype_of_array).reshape(shape).clone()",
    "offset": "self.storage_offset()",
    "oneHot": "F.one_hot(classes)",
    "oneHot(classes,numClasses)": "F.one_hot(classes, num_classes)",
    "pad": "F.pad(self, pad, mode)",
    "pad(pad,mode,value)": "F.pad(self, pad, mode, value)",
    "polygamma": "self.polygamma(n)",
    "rand": "torch.rand(shape)",
    "rand(dtype,shape)": "torch.rand(shape, dtype=dtype)",
    "rand(device,dtype,shape)": "torch.rand(shape, dtype=dtype)",
    "randint": "torch.randint(low, high, shape)",
    "randn": "torch.randn(shape)",
    "randn(dtype,shape)": "torch.randn(shape, dtype=dtype)",
    "randn(device,dtype,shape)": "torch.randn(shape, dtype=dtype)",
    "randperm": "torch.randperm(n)",
    "requiresGrad": "self.requires_grad",
    "retainGrad": "self.retain_grad()",
    "retainsGrad": "self.retains_grad",
    "rsub": "torch.rsub(self, other)",
    "scalar": "torch.tensor(value, dtype=torch.float32)",
    "setData": "setattr(self, 'data', data)",
    "setGrad": "setattr(self, 'grad', grad)",
    "shape": "list(self.shape)",
    "size": "self.size(dim)",
    "slice(dim,start,end,step)": "torch.ops.aten.slice.Tensor(self, dim, start, end, step)",
    "slice(numbers,from,shape)": "part(torch.tensor(numbers, dtype=torch.float32), from_, shape)",
    "solve": "torch.linalg.solve(self, other)",
    "stack": "torch.stack(tensors, dim)",
    "std(dim,keepdim,correction)": "self.std(dim, correction=correction, keepdim=keepdim)",
    "stdMean": "torch.std_mean(self, dim, correction=correction, keepdim=keepdim)",
    "strides": "list(self.stride())",
    "sumTo": "self.sum_to_size(shape)",
    "tensor(rows)": "torch.tensor(rows, dtype=torch.float32).reshape(len(rows), -1).clone()",
    "tensor(value)": "torch.tensor([value], dtype=torch.float32 if isinstance(value, float) else torch.int64)",
    "tensor(values)": "torch.tensor(values, dtype=dtype_of_array)",
    "tensordot(other,dims)": "torch.tensordot(self, other, dims)",
    "tensordot(other,dimsSelf,dimsOther)": "torch.tensordot(self, other, (dims_self, dims_other))",
    "toDoubles": "self.detach().double().flatten().tolist()",
    "toFloats": "self.detach().float().flatten().tolist()",
    "toLongs": "self.detach().long().flatten().tolist()",
    "toString": "repr(self)",
    "triangularSolve": "self.triangular_solve(a, upper, transpose, unitriangular)[0]",
    "uniform": "torch.empty(shape, dtype=dtype).uniform_(from_, to)",
    "unique": "torch.unique(self, return_inverse=True, return_counts=True)",
    "uniqueConsecutive": "torch.unique_consecutive(self, return_inverse=True, return_counts=True)",
    "var(dim,keepdim,correction)": "self.var(dim, correction=correction, keepdim=keepdim)",
    "varMean": "torch.var_mean(self, dim, correction=correction, keepdim=keepdim)",
    "version": "self._version",
    "where": "torch.where(self, if_true, if_false)",
    "zeros": "torch.zeros(shape)",
    "zeros(dtype,shape)": "torch.zeros(shape, dtype=dtype)",
    "zeros(device,dtype,shape)": "torch.zeros(shape, dtype=dtype)",
    "countNonzero": "self.count_nonzero(dim)",
    "conv2d(weight,bias,stride,padding)": "F.conv2d(self, weight, bias, stride, padding)",
    "avgPool2d(kernelSize,stride,padding,ceilMode,divisorOverride)":
        "F.avg_pool2d(self, kernel_size, stride, padding, ceil_mode, divisor_override=divisor_override)",
    "adaptiveAvgPool2d": "F.adaptive_avg_pool2d(self, output_size if len(output_size) > 1 else output_size[0])",
    "batchNorm": "F.batch_norm(self, running_mean, running_var, weight, bias, training, momentum, eps)",
    "instanceNorm": "F.instance_norm(self, weight=weight, bias=bias, eps=eps)",
    "rmsNorm": "rms_norm(self, normalized_shape, weight, eps)",
    "maxPool2dWithIndices":
        "F.max_pool2d(self, kernel_size, stride, padding, dilation, ceil_mode, return_indices=True)",
    "interpolate(size,mode)": "F.interpolate(self, size, mode=mode)",
    "interpolate(size,mode,alignCorners)": "F.interpolate(self, size, mode=mode, align_corners=align_corners or None)",
    "interpolate(scaleFactor,mode)": "F.interpolate(self, scale_factor=scale_factor, mode=mode)",
    "interpolate(scaleFactor,mode,alignCorners)":
        "F.interpolate(self, scale_factor=scale_factor, mode=mode, align_corners=align_corners or None)",
}
# Methods that PyTorch 1.13 has out of place only: the numbers are compared, the nodes are not.
for name, call in {
    "fmax_": "before.fmax(other)", "fmin_": "before.fmin(other)", "maximum_": "before.maximum(other)",
    "minimum_": "before.minimum(other)", "hardshrink_": "before.hardshrink(lambd)", "softshrink_": "F.softshrink(before, lambd)",
    "logsigmoid_": "F.logsigmoid(before)", "prelu_": "before.prelu(weight)", "softplus_": "F.softplus(before)",
    "softplus_(beta,threshold)": "F.softplus(before, beta, threshold)", "softsign_": "F.softsign(before)",
    "tanhshrink_": "F.tanhshrink(before)",
}.items():
    EXPRESSIONS[name] = f"self.copy_(fitting(self, (lambda before{', other' if 'other' in call else ''}: {call})" \
                        f"(self.clone(){', other' if 'other' in call else ''})))"

# Arguments that PyTorch takes by their name.
KEYWORDS = {"alpha", "beta", "value", "rounding_mode", "decimals", "approximate", "dtype", "right", "include_self", "accumulate",
            "keepdim", "rtol", "atol", "correction", "base", "equal_nan", "invert", "assume_unique"}
POSITIONAL = {"hardtanh", "threshold", "fill_", "fill_diagonal_", "softplus", "pad", "masked_fill", "masked_fill_", "index_fill", "index_fill_",
              "scatter", "scatter_", "norm", "full_like", "logit", "logit_", "celu", "full"}
NAMESPACES = [("torch.Tensor", torch.Tensor), ("F", F), ("torch", torch), ("torch.linalg", torch.linalg),
              ("torch._C._nn", torch._C._nn), ("torch.special", torch.special)]


def snake(name):
    return re.sub("([A-Z])", lambda m: "_" + m.group(1).lower(), name)


def variable(parameter):
    name = snake(parameter)
    return name + "_" if name in ("from", "lambda", "in") else name


def expression(method, parameters, on_tensor):
    named = EXPRESSIONS.get(f"{method}({','.join(parameters)})") or EXPRESSIONS.get(method)
    if named:
        return named
    name, arguments = snake(method), []
    for p in map(variable, parameters):
        if p == "device":
            continue
        arguments.append(f"{p}={p}" if p in KEYWORDS and name not in POSITIONAL else p)
    for space, owner in NAMESPACES:
        if not hasattr(owner, name):
            continue
        if space == "torch.Tensor" and on_tensor:
            return f"self.{name}({', '.join(arguments)})"
        if space != "torch.Tensor":
            return f"{space}.{name}({', '.join((['self'] if on_tensor else []) + arguments)})"
    raise LookupError(f"no counterpart of {method}({','.join(parameters)}): add it to EXPRESSIONS in torch_runner.py")


# ---- what expressions call

def bound(x):
    """An infinite bound of clamp is none."""
    return None if isinstance(x, float) and x in (float("inf"), float("-inf")) else x


def over_dims(reduce, x, dims, keepdim):
    """A reduction that takes one dimension, over several; over all for none."""
    if len({d % max(x.dim(), 1) for d in dims}) < len(dims):
        raise RuntimeError(f"a dimension appears twice in {dims}")
    dims = sorted({d % max(x.dim(), 1) if -max(x.dim(), 1) <= d < max(x.dim(), 1) else d for d in dims or range(x.dim())})
    for d in reversed(dims):
        x = reduce(x, d, keepdim)
    return reduce(x) if x.dim() == 0 and not dims else x


def rms_norm(x, shape, weight, eps):
    """By its formula: PyTorch has it from 2.4 on."""
    dims = list(range(x.dim() - len(shape), x.dim()))
    if not shape or list(x.shape[dims[0]:]) != shape or not x.is_floating_point() or dims[0] < 0:
        raise RuntimeError(f"{x.dtype} {list(x.shape)} does not end in {shape}")
    if weight is not None and list(weight.shape) != shape:
        raise RuntimeError(f"weight {list(weight.shape)} of {shape}")
    y = x * torch.rsqrt((x * x).mean(dims, keepdim=True) + eps)
    return y if weight is None else y * weight


def fitting(x, result):
    """What an operation in place may write to x."""
    if result.shape != x.shape or not torch.can_cast(result.dtype, x.dtype):
        raise RuntimeError(f"result {result.dtype} {list(result.shape)} can't be written to {x.dtype} {list(x.shape)}")
    return result


def part(numbers, start, shape):
    count = torch.Size(shape).numel()
    if start < 0 or start + count > len(numbers):
        raise IndexError(f"{shape} at {start} of {len(numbers)}")
    return numbers[start:start + count].reshape(shape).clone()


def node_name(t):
    return t.grad_fn.name().rsplit("::", 1)[-1] if t.grad_fn is not None else None


# ---- running

class Absent(Exception):
    """An operand that an earlier statement did not make: both sides pass over the statement."""


class Run:
    def __init__(self, program):
        self.program, self.alive, self.handles, self.log, self.versions = program, {}, {}, [], {}

    def observations(self):
        torch.manual_seed(self.program["seed"])
        seen = []
        for s in self.program["statements"]:
            try:
                seen.append(self.observe(s["id"], self.execute(s), s))
            except Absent:
                seen.append({"skipped": True})
            except Exception as e:
                seen.append({"error": f"{type(e).__name__}: {e}"[:300]})
        return {"statements": seen, "log": self.log, "end": self.end()}

    def tensor(self, name):
        if name is None:
            return None
        if name not in self.alive:
            raise Absent(name)
        return self.alive[name]

    def argument(self, a):
        kind, value = a["kind"], a.get("value")
        if kind == "tensor":
            return self.tensor(value)
        if kind == "tensors":
            return [self.tensor(v) for v in value]
        if kind == "dtype":
            return getattr(torch, value)
        if kind == "double":
            return float(value)
        return value

    def execute(self, s):
        mode = s.get("mode")
        scope = {"noGrad": torch.no_grad, "enableGrad": torch.enable_grad, "inferenceMode": torch.inference_mode}.get(mode)
        if scope is None:
            return getattr(self, s["do"])(s)
        with scope():
            return getattr(self, s["do"])(s)

    def leaf(self, s):
        t = torch.tensor(s["values"], dtype=getattr(torch, s["dtype"]))
        if s.get("strides") is None:
            t = t.reshape(s["shape"]).clone()  # the reshape alone is a view
        else:
            t = t.as_strided(s["shape"], s["strides"], s["offset"]).detach()
        return t.requires_grad_() if s["grad"] else t

    def call(self, s):
        names = {"self": self.tensor(s["self"])} if s.get("self") else {}
        for p, a in zip(s["parameters"], s["arguments"]):
            names[variable(p)] = self.argument(a)
            if a["kind"] in ("doubles", "floats", "longs", "ints", "booleans"):
                names["dtype_of_array"] = {"doubles": torch.float64, "floats": torch.float32, "longs": torch.int64,
                                           "ints": torch.int32, "booleans": torch.bool}[a["kind"]]
                if s["method"] == "tensor" and a["kind"] == "doubles":
                    names["dtype_of_array"] = torch.float32
        code = COMPILED.get(key := (s["method"], tuple(s["parameters"]), "self" in names))
        if code is None:
            code = COMPILED[key] = compile(expression(s["method"], s["parameters"], "self" in names), s["method"], "eval")
        result = eval(code, {**globals(), **names})
        return result - self.versions[s["self"]] if s["method"] == "version" else result

    def hook(self, s):
        t, kind, name = self.tensor(s["on"]), s["kind"], s["id"]
        change = CHANGES[kind.split(":")[-1]]

        def on_gradient(g):
            if g is None:  # of an output that nothing depends on
                return None
            self.log.append([name, self.value(g)])
            return change(g)

        def on_node_outputs(*grads):
            grads = grads[-1]
            self.log.append([name, [self.value(g) for g in grads]])
            return tuple(None if g is None else change(g) for g in grads) if change(torch.ones(())) is not None else None

        def on_node(inputs, outputs):
            self.log.append([name, [self.value(g) for g in outputs]])
            if change(torch.ones(())) is None:
                return None
            return tuple(None if g is None else change(g) for g in inputs)

        if kind.startswith("pre:"):
            self.handles[name] = t.grad_fn.register_prehook(on_node_outputs)
        elif kind.startswith("post:"):
            self.handles[name] = t.grad_fn.register_hook(on_node)
        else:
            self.handles[name] = t.register_hook(on_gradient)

    def unhook(self, s):
        if s["on"] not in self.handles:
            raise Absent(s["on"])
        self.handles[s["on"]].remove()

    def backward(self, s):
        inputs = [self.tensor(i) for i in s["inputs"]] if s.get("inputs") is not None else None
        self.tensor(s["on"]).backward(self.tensor(s.get("gradient")), retain_graph=s["retain"] or None,
                                      create_graph=s["create"], inputs=inputs)

    def gradients(self, s):
        outputs = [self.tensor(t) for t in s["outputs"]]
        inputs = [self.tensor(t) for t in s["inputs"]]
        weights = [self.tensor(t) for t in s["gradOutputs"]] if s.get("gradOutputs") else None
        return list(torch.autograd.grad(outputs, inputs, weights, retain_graph=s["retain"] or None, create_graph=s["create"],
                                        allow_unused=s["unused"]))

    # ---- seeing

    def observe(self, name, result, s):
        if isinstance(result, (tuple, list)) and (not result or isinstance(result[0], torch.Tensor) or result[0] is None):
            for i, t in enumerate(result):
                if t is not None:
                    self.alive[f"{name}.{i}"] = t
            return {"several": [None if t is None else self.look(f"{name}.{i}", t) for i, t in enumerate(result)]}
        if isinstance(result, torch.Tensor):
            seen = self.look(name, result)
            self.alive[name] = result
            return {"tensor": seen}
        if s["do"] != "call":
            return {"done": True}
        return {"value": result}

    def value(self, t):
        if t is None:
            return None
        if t.layout != torch.strided:
            t = t.to_dense()
        return {"dtype": str(t.dtype)[6:], "shape": list(t.shape), "values": t.detach().reshape(-1).tolist()}

    def look(self, name, t):
        seen = self.value(t)
        seen.update(self.history(t))
        self.versions[name] = 0 if t.is_inference() else t._version
        seen["same"] = next((n for n, o in self.alive.items() if o is t and n != name), None)
        seen["shares"] = sorted(n for n, o in self.alive.items() if o is not t and shares(o, t))
        return seen

    def history(self, t):
        try:
            following = [] if t.grad_fn is None else [f.name().rsplit("::", 1)[-1] if f else None for f, _ in t.grad_fn.next_functions]
            return {"requiresGrad": t.requires_grad, "leaf": t.is_leaf, "gradFn": node_name(t), "next": following}
        except Exception as e:
            return {"history": "error"}

    def end(self):
        last = {}
        for name, t in self.alive.items():
            seen = self.value(t)
            seen.update(self.history(t))
            seen["version"] = None if t.is_inference() or t.is_sparse else t._version - self.versions[name]
            seen["grad"] = None if "history" in seen or not (t.is_leaf or t.retains_grad) else self.value(t.grad)
            last[name] = seen
        return last


def shares(a, b):
    if a.layout != torch.strided or b.layout != torch.strided or a.numel() == 0 or b.numel() == 0:
        return False
    return a.storage().data_ptr() == b.storage().data_ptr()


COMPILED = {}
CHANGES = {
    "observe": lambda g: None,
    "double": lambda g: g * 2,
    "ones": torch.ones_like,
    "square": lambda g: g * g,
}


# ---- printing

def text(program):
    lines = ["import torch, torch.nn.functional as F", "nan, inf = float('nan'), float('inf')",
             f"torch.manual_seed({program['seed']})"]
    short = lambda name: "None" if name is None else re.sub(r"\.(\d+)", r"[\1]", name)
    for s in program["statements"]:
        do, name = s["do"], short(s["id"])
        if do == "leaf":
            line = f"{name} = torch.tensor({s['values']}, dtype=torch.{s['dtype']})"
            line += f".reshape({s['shape']}).clone()" if s.get("strides") is None else \
                f".as_strided({s['shape']}, {s['strides']}, {s['offset']}).detach()"
            line += ".requires_grad_()" if s["grad"] else ""
        elif do == "call":
            given = {"self": short(s.get("self"))}
            for p, a in zip(s["parameters"], s["arguments"]):
                kind, value = a["kind"], a.get("value")
                given[variable(p)] = (short(value) if kind == "tensor" else "[" + ", ".join(map(short, value)) + "]" if kind == "tensors"
                                      else "torch." + value if kind == "dtype" else repr(float(value)) if kind == "double" else repr(value))
            e = expression(s["method"], s["parameters"], bool(s.get("self")))
            parts = re.split(r"(\b[a-z_]+\b(?!\s*=[^=])(?<!\.)|\.\w+|\w+=)", e)
            line = f"{name} = " + "".join(given.get(p, p) for p in parts)
        elif do == "gradients":
            line = (f"{name} = torch.autograd.grad([{', '.join(map(short, s['outputs']))}], [{', '.join(map(short, s['inputs']))}], "
                    f"{'None' if not s.get('gradOutputs') else '[' + ', '.join(map(short, s['gradOutputs'])) + ']'}, "
                    f"retain_graph={s['retain'] or None}, create_graph={s['create']}, allow_unused={s['unused']})")
        elif do == "backward":
            inputs = "None" if not s.get("inputs") else "[" + ", ".join(map(short, s["inputs"])) + "]"
            line = (f"{short(s['on'])}.backward({short(s.get('gradient'))}, retain_graph={s['retain'] or None}, "
                    f"create_graph={s['create']}, inputs={inputs})")
        elif do == "hook":
            line = f"{name} = hook({short(s['on'])}, '{s['kind']}')  # {s['kind']}"
        else:
            line = f"{short(s['on'])}.remove()"
        mode = {"noGrad": "torch.no_grad()", "enableGrad": "torch.enable_grad()", "inferenceMode": "torch.inference_mode()"}
        lines.append(f"with {mode[s['mode']]}: {line}" if s.get("mode") else line)
    return "\n".join(lines)


def missing(methods):
    """Those for which EXPRESSIONS and PyTorch have nothing."""
    names = []
    for m in methods:
        try:
            expression(m["method"], m["parameters"], not m["static"])
        except LookupError:
            names.append(f"{m['method']}({', '.join(m['parameters'])})")
    return names


def main():
    for line in sys.stdin:
        program = json.loads(line)
        if "methods" in program:
            out = {"missing": missing(program["methods"])}
        else:
            out = {"text": text(program)} if "--text" in sys.argv or program.get("text") else Run(program).observations()
        print(json.dumps(out), flush=True)


if __name__ == "__main__":
    main()
