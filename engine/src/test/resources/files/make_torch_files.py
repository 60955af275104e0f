"""Writes zip.pt and legacy.pt beside this file: the same content in both forms (PyTorch 1.13)."""

import collections
import pathlib

import torch

weight = torch.arange(12.0).reshape(3, 4)
content = {
    "epoch": 3,
    "best": 0.75,
    "done": False,
    "note": "ü",
    "none": None,
    "large": 2**70,
    "list": [1, -2, 2**40, (70000, 300)],
    "size": torch.Size([2, 3]),
    "dtype": torch.float16,
    "device": torch.device("cpu"),
    "counts": collections.Counter({5: 2}),
    "state_dict": collections.OrderedDict(
        weight=torch.nn.Parameter(weight),
        tied=weight,
        turned=weight.t(),
        part=weight[1:, ::2],
        spread=torch.tensor([7.0]).expand(2, 3),
        empty=torch.zeros(0, 3),
        scalar=torch.tensor(5),
        float64=torch.tensor([1.5, float("-inf")], dtype=torch.float64),
        float16=torch.tensor([1.5, 65504], dtype=torch.float16),
        bfloat16=torch.tensor([1.5, -3e38], dtype=torch.bfloat16),
        int64=torch.tensor([2**53 + 1, -1]),
        int32=torch.tensor([-(2**31), 7], dtype=torch.int32),
        int16=torch.tensor([-300, 300], dtype=torch.int16),
        int8=torch.tensor([-128, 127], dtype=torch.int8),
        uint8=torch.tensor([0, 255], dtype=torch.uint8),
        bool=torch.tensor([True, False]),
    ),
}
folder = pathlib.Path(__file__).parent
torch.save(content, folder / "zip.pt")
torch.save(content, folder / "legacy.pt", _use_new_zipfile_serialization=False)
