"""Reading and writing model.safetensors: a JSON header, then the tensors' bytes, little-endian. PyTorch alone is needed."""
import ctypes
import json
import os
import struct

import torch

_NAMES = {torch.float16: "F16", torch.float32: "F32", torch.bfloat16: "BF16"}
_TYPES = {name: dtype for dtype, name in _NAMES.items()} | {"I64": torch.int64}  # upstream's position_ids
_MAX_HEADER = 1 << 24


def write(path, tensors):
    """Tensors by name, each F16, F32 or BF16; refuses values that are not finite. Written beside and renamed."""
    header, offset, parts = {"__metadata__": {"format": "pt"}}, 0, []
    for name, tensor in tensors.items():
        tensor = tensor.detach().contiguous().cpu()
        if not torch.isfinite(tensor.float()).all():
            raise ValueError(f"{name} holds a value that is not finite in {_NAMES[tensor.dtype]}; the network cannot be exported")
        size = tensor.numel() * tensor.element_size()
        header[name] = {"dtype": _NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
        parts.append(ctypes.string_at(tensor.data_ptr(), size) if size else b"")
    encoded = json.dumps(header).encode()
    encoded += b" " * (-len(encoded) % 8)
    with open(path + ".part", "wb") as file:
        file.write(struct.pack("<Q", len(encoded)))
        file.write(encoded)
        for part in parts:
            file.write(part)
    os.replace(path + ".part", path)


def read(path):
    """Tensors by name, in the type of the file."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack_from("<Q", data)
    if length > min(_MAX_HEADER, len(data) - 8):
        raise ValueError(f"{path}: a header of {length} bytes in a file of {len(data)}; this is not a safetensors file")
    header = json.loads(data[8:8 + length])
    body, tensors = memoryview(data)[8 + length:], {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        if entry["dtype"] not in _TYPES:
            raise ValueError(f"{path}: {name} is {entry['dtype']}; supported: {', '.join(_TYPES)}")
        first, last = entry["data_offsets"]
        tensor = torch.frombuffer(bytearray(body[first:last]), dtype=_TYPES[entry["dtype"]])
        tensors[name] = tensor.reshape(entry["shape"])
    return tensors
