"""Writes losses.json, init.json and module-texts.json: python3 modules.py (PyTorch 1.13)."""
import json
import pathlib

import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
torch.manual_seed(14)


def data(t):
    if t._is_zerotensor():
        t = torch.zeros(t.shape, dtype=t.dtype)
    return {"shape": list(t.shape), "dtype": str(t.dtype).replace("torch.", ""), "data": [str(v) if v != v or abs(v) == float("inf") else v for v in t.detach().flatten().tolist()]}


def R(*shape):
    return torch.randn(shape, dtype=torch.float64)


losses = []


def loss(name, f, inputs, second=True, **args):
    leaves = [t.clone().requires_grad_(t.is_floating_point()) for t in inputs]
    value = f(*leaves)
    floats = [t for t in leaves if t.is_floating_point()]
    grads = torch.autograd.grad(value, floats, create_graph=True, allow_unused=True)
    case = {"loss": name, "args": args, "inputs": [data(t) for t in inputs], "mean": value.item()}
    case["grad"] = data(grads[0])
    if second and grads[0].requires_grad:
        try:
            second = torch.autograd.grad(grads[0].square().sum(), floats[0], allow_unused=True)[0]
        except RuntimeError:  # PyTorch has none
            second = None
        if second is not None:
            case["second"] = data(second)
    losses.append(case)


x, t = R(5, 3), R(5, 3)
p, q = torch.rand(5, 3, dtype=torch.float64), torch.rand(5, 3, dtype=torch.float64).round()
q[0] = torch.tensor([0.0, 0.0, 1.0])
classes = torch.tensor([2, 0, 1, -100, 2])
loss("l1", F.l1_loss, [x, t])
loss("mse", F.mse_loss, [x, t])
for beta in (0.0, 0.5, 1.0):
    loss("smoothL1", lambda a, b: F.smooth_l1_loss(a, b, beta=beta), [x, t], beta=beta)
for delta in (0.5, 1.0):
    loss("huber", lambda a, b: F.huber_loss(a, b, delta=delta), [x, t], delta=delta)
loss("bce", lambda a: F.binary_cross_entropy(a, q), [p], target=data(q))
edges = p.clone()
edges[0] = torch.tensor([0.0, 1.0, 0.0])
loss("bce", lambda a: F.binary_cross_entropy(a, q), [edges], second=False, target=data(q))  # infinite there
x0 = x.clone()
x0[0] = torch.tensor([0.0, 800.0, -800.0])
loss("bceWithLogits", lambda a: F.binary_cross_entropy_with_logits(a, q), [x0], target=data(q), posWeight=1.0)
loss("bceWithLogits", lambda a: F.binary_cross_entropy_with_logits(a, q, pos_weight=torch.full((3,), 2.5, dtype=torch.float64)), [x0], target=data(q), posWeight=2.5)
loss("softMargin", lambda a: F.soft_margin_loss(a, 2 * q - 1), [x], target=data(q))
loss("klDiv", lambda a: F.kl_div(a, t.softmax(1), reduction="batchmean"), [x], target=data(t.softmax(1)))
loss("poissonNll", lambda a: F.poisson_nll_loss(a, q), [x], target=data(q), logInput=True)
loss("poissonNll", lambda a: F.poisson_nll_loss(a, q, log_input=False), [p], target=data(q), logInput=False)
loss("multiMargin", lambda a: F.multi_margin_loss(a, classes.clamp(min=0), margin=0.7), [x], target=data(classes.clamp(min=0)), margin=0.7)
loss("gaussianNll", lambda a, v: F.gaussian_nll_loss(a, t, v), [x, p[:, :1].expand(5, 3).contiguous()], target=data(t))
loss("marginRanking", lambda a, b: F.margin_ranking_loss(a, b, (2 * q - 1)[:, 0], margin=0.3), [x[:, 0].contiguous(), t[:, 0].contiguous()], target=data((2 * q - 1)[:, 0].contiguous()), margin=0.3)
loss("cosineEmbedding", lambda a, b: F.cosine_embedding_loss(a, b, (2 * q - 1)[:, 0], margin=0.1), [x, t], target=data((2 * q - 1)[:, 0].contiguous()), margin=0.1)
loss("tripletMargin", lambda a, b, c: F.triplet_margin_loss(a, b, c, margin=0.8), [x, t, p], margin=0.8)
loss("cosine", lambda a: (1 - F.cosine_similarity(a, t)).mean(), [x], target=data(t))
loss("hinge", lambda a: (1 - a * (2 * q - 1)).clamp(min=0).mean(), [x], target=data(q))
for smoothing in (0.0, 0.1):
    for weight in (None, [0.5, 2.0, 1.25]):
        w = None if weight is None else torch.tensor(weight, dtype=torch.float64)
        loss("crossEntropy", lambda a: F.cross_entropy(a, classes, w, label_smoothing=smoothing), [x], target=data(classes), weight=weight, labelSmoothing=smoothing)

(HERE / "losses.json").write_text(json.dumps({"pytorch": torch.__version__, "cases": losses}, indent=0) + "\n")

inits = []


def init(name, shape, f):
    torch.manual_seed(7)
    t = torch.full(shape, 9.0)
    f(t)
    inits.append({"init": name, "values": data(t)})


I = nn.init
init("constant", (2, 3), lambda t: I.constant_(t, 0.5))
init("eye", (2, 3), I.eye_)
init("uniform", (4, 5), lambda t: I.uniform_(t, -2.0, 0.5))
init("normal", (4, 5), lambda t: I.normal_(t, 1.0, 0.2))
init("truncNormal", (4, 5), lambda t: I.trunc_normal_(t, 0.1, 0.5, -0.4, 1.0))
init("xavierUniform", (4, 5, 2), lambda t: I.xavier_uniform_(t, 1.5))
init("xavierNormal", (4, 5), lambda t: I.xavier_normal_(t, 1.0))
init("kaimingUniform", (4, 5), lambda t: I.kaiming_uniform_(t, mode="fan_in", nonlinearity="relu"))
init("kaimingNormal", (4, 5, 3), lambda t: I.kaiming_normal_(t, a=0.2, mode="fan_out", nonlinearity="leaky_relu"))
(HERE / "init.json").write_text(json.dumps({"pytorch": torch.__version__, "cases": inits}, indent=0) + "\n")

x = R(3, 4)
texts = []
for m in [nn.ReLU(), nn.ReLU6(), nn.Sigmoid(), nn.Tanh(), nn.SiLU(), nn.Mish(), nn.Softsign(), nn.LogSigmoid(), nn.Hardswish(), nn.Hardsigmoid(), nn.SELU(),
          nn.Tanhshrink(), nn.GELU(), nn.GELU("tanh"), nn.Softplus(1.0, 20.0), nn.Softplus(2.0, 0.5), nn.Hardtanh(), nn.ELU(), nn.ELU(0.5), nn.CELU(0.5), nn.LeakyReLU(),
          nn.LeakyReLU(0.2), nn.Hardshrink(), nn.Softshrink(0.25), nn.Threshold(0.1, 2.0), nn.GLU(), nn.Softmax(1), nn.LogSoftmax(0), nn.PReLU(), nn.Identity(), nn.Flatten(),
          nn.Flatten(0), nn.Unflatten(1, (2, 2)), nn.Dropout(), nn.Dropout(0.3), nn.AlphaDropout(), nn.LayerNorm(4, elementwise_affine=False), nn.LayerNorm((3, 4)),
          nn.BatchNorm1d(4), nn.BatchNorm1d(4, momentum=None, affine=False), nn.EmbeddingBag(4, 3), nn.Embedding(4, 3, padding_idx=0)]:
    m = m.double().eval()
    ids = isinstance(m, (nn.Embedding, nn.EmbeddingBag))
    texts.append({"text": repr(m), "output": None if ids else data(m(x))})
(HERE / "module-texts.json").write_text(json.dumps({"pytorch": torch.__version__, "input": data(x), "cases": texts}, indent=0) + "\n")

# Of one seed each, so that initial values are compared, too.
images = R(2, 4, 6, 5)
cases = []
for make in [
    lambda: nn.Conv2d(4, 6, 3), lambda: nn.Conv2d(4, 2, (3, 2), stride=2, padding=(1, 0), dilation=2, groups=2, bias=False),
    lambda: nn.Conv2d(4, 3, 3, padding=2, padding_mode="reflect"), lambda: nn.Conv2d(4, 3, (2, 3), padding="same", dilation=2), lambda: nn.Conv2d(4, 3, 2, padding=1, padding_mode="circular"),
    lambda: nn.ConvTranspose2d(4, 3, 3, stride=2, padding=1, output_padding=1), lambda: nn.ConvTranspose2d(4, 2, (2, 3), groups=2, bias=False, dilation=2),
    lambda: nn.MaxPool2d(2), lambda: nn.MaxPool2d((3, 2), stride=(2, 1), padding=(1, 0), ceil_mode=True), lambda: nn.AvgPool2d(2), lambda: nn.AvgPool2d(3, stride=2, padding=1),
    lambda: nn.AvgPool2d((3, 2), 2, (1, 0), True, False), lambda: nn.AdaptiveAvgPool2d(1), lambda: nn.AdaptiveAvgPool2d((2, 3)), lambda: nn.AdaptiveMaxPool2d(1), lambda: nn.AdaptiveMaxPool2d((2, 3)), lambda: nn.BatchNorm2d(4), lambda: nn.GroupNorm(2, 4), lambda: nn.GroupNorm(4, 4, affine=False),
    lambda: nn.InstanceNorm2d(4), lambda: nn.InstanceNorm2d(4, affine=True), lambda: nn.ZeroPad2d(1), lambda: nn.ConstantPad2d((1, 0, 2, 1), 0.5), lambda: nn.ReflectionPad2d((1, 0, 0, 1)), lambda: nn.ReplicationPad2d(1),
    lambda: nn.Upsample(scale_factor=2), lambda: nn.Upsample(size=(5, 4), mode="bilinear", align_corners=True), lambda: nn.Upsample(size=7, mode="nearest"), lambda: nn.Upsample(scale_factor=1.5, mode="bilinear"),
]:
    torch.manual_seed(3)
    m = make().double().eval()
    cases.append({"text": repr(m), "output": data(m(images))})
lines = R(2, 4, 7)
line_cases = []
for make in [
    lambda: nn.Conv1d(4, 3, 3), lambda: nn.Conv1d(4, 2, 3, stride=2, padding=1, dilation=2, groups=2, bias=False), lambda: nn.MaxPool1d(2), lambda: nn.MaxPool1d(3, 2, 1, 2, ceil_mode=True), lambda: nn.ConstantPad1d(1, 2.0),
    lambda: nn.ReflectionPad1d(1), lambda: nn.ReplicationPad1d((1, 2)), lambda: nn.BatchNorm1d(4), lambda: nn.GroupNorm(2, 4), lambda: nn.Upsample(scale_factor=2.0, mode="linear"),
]:
    torch.manual_seed(3)
    m = make().double().eval()
    line_cases.append({"text": repr(m), "output": data(m(lines))})
both = [{"input": data(images), "cases": cases}, {"input": data(lines), "cases": line_cases}]
(HERE / "image-modules.json").write_text(json.dumps({"pytorch": torch.__version__, "kinds": both}, indent=0) + "\n")
