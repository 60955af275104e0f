"""Times in PyTorch what GpuBenchmark times, by the same names and in the same way: the median of 20 batches of calls.

    python3 torch-benchmark.py FILE     writes "name TAB seconds" a line
"""

import math
import statistics
import sys
import time

import torch
from torch.nn.functional import cross_entropy

BATCHES = 20
BATCH_SECONDS = 0.01
MOST_CALLS = 2000
GPU = torch.device("cuda:0")
seconds = {}


def batch(call, calls):
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(calls):
        call()
    torch.cuda.synchronize()
    return time.perf_counter() - start


def measure(name, call):
    for _ in range(3):
        batch(call, 1)
    calls = min(MOST_CALLS, math.ceil(BATCH_SECONDS / batch(call, 1)))
    seconds[name] = statistics.median(batch(call, calls) / calls for _ in range(BATCHES))


def numbers(*shape):
    return torch.rand(*shape, device=GPU)


def elementwise():
    n = 64 << 20
    x, y = numbers(n), numbers(n)
    to = torch.empty_like(x)
    measure("copy by the driver", lambda: to.copy_(x))
    measure("add", lambda: x + y)
    measure("sigmoid", lambda: torch.sigmoid(x))
    measure("mul, add", lambda: x * y + y)


def reductions():
    x = numbers(8192, 8192)
    measure("sum", lambda: x.sum())
    measure("sum of rows", lambda: x.sum(1))
    measure("sum of columns", lambda: x.sum(0))
    measure("transpose", lambda: x.t().contiguous())


def softmax():
    for rows, columns in (8192, 1000), (4096, 50000):
        x = numbers(rows, columns)
        measure(f"softmax {rows}x{columns}", lambda: x.softmax(1))
        measure(f"log-softmax {rows}x{columns}", lambda: x.log_softmax(1))


def picks():
    vocabulary, width, picked = 50000, 1024, 16384
    table, rows = numbers(vocabulary, width), numbers(picked, width)
    at = (torch.arange(picked, device=GPU) * 7919 % vocabulary).unsqueeze(1).expand(picked, width)
    measure("gather", lambda: table.gather(0, at))
    measure("scatter-add", lambda: table.scatter_add(0, at, rows))


def optimizers():
    for name, rule in (
        ("SGD with momentum, 100M", lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9)),
        ("Adam, 100M", lambda p: torch.optim.Adam(p, lr=1e-3)),
    ):
        weights = numbers(100_000_000).requires_grad_()
        weights.grad = torch.rand_like(weights)
        measure(name, rule([weights]).step)
        del weights


def small():
    one = numbers(1)
    measure("neg of one number", lambda: -one)


def mlp():
    x, target = numbers(4096, 784), torch.arange(4096, device=GPU) % 10
    model = torch.nn.Sequential(
        torch.nn.Linear(784, 4096),
        torch.nn.ReLU(),
        torch.nn.Linear(4096, 4096),
        torch.nn.ReLU(),
        torch.nn.Linear(4096, 10),
    ).to(GPU)
    sgd = torch.optim.SGD(model.parameters(), lr=1e-3)

    def step():
        cross_entropy(model(x), target).backward()
        sgd.step()
        sgd.zero_grad()

    measure("MLP 784-4096-4096-10 step", step)


def products():
    for precision, sizes in (
        ("f32", (512, 1024, 2048, 4096, 8192)),
        ("tf32", (4096, 8192)),
        ("bf16", (4096, 8192)),
    ):
        torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
        for n in sizes:
            a, b = numbers(n, n), numbers(n, n)
            if precision == "bf16":
                a, b = a.bfloat16(), b.bfloat16()
            c = torch.empty_like(a)
            measure(f"gemm {precision} {n}", lambda: torch.mm(a, b, out=c))


def main(file):
    print(f"PyTorch {torch.__version__}, CUDA {torch.version.cuda}, {torch.cuda.get_device_name(0)}", flush=True)
    torch.backends.cuda.matmul.allow_tf32 = False
    for part in elementwise, reductions, softmax, picks, optimizers, small, mlp, products:
        part()
        torch.cuda.empty_cache()
    with open(file, "w") as out:
        for name, value in seconds.items():
            out.write(f"{name}\t{value}\n")


if __name__ == "__main__":
    main(sys.argv[1])
