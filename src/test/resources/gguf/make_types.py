"""Makes types.gguf beside this script: for every type that is read, random blocks, and the floats that the gguf package
(pip install gguf) makes of them, as F32 tensors named expected.TYPE."""

import pathlib

import gguf
import numpy
from gguf.quants import dequantize

TYPES = "F16 BF16 Q8_0 Q4_0 Q4_1 Q5_0 Q5_1 Q4_K Q5_K Q6_K".split()
# Bytes at which the half-precision scales of a block begin.
SCALES = {"Q8_0": (0,), "Q4_0": (0,), "Q4_1": (0, 2), "Q5_0": (0,), "Q5_1": (0, 2), "Q4_K": (0, 2), "Q5_K": (0, 2),
          "Q6_K": (208,)}
ROWS, COLUMNS = 3, 512

random = numpy.random.default_rng(1)
writer = gguf.GGUFWriter(pathlib.Path(__file__).with_name("types.gguf"), "test")
writer.add_uint8("of.uint8", 200)
writer.add_int8("of.int8", -100)
writer.add_uint16("of.uint16", 60000)
writer.add_int16("of.int16", -30000)
writer.add_uint32("of.uint32", 2_000_000_000)
writer.add_int32("of.int32", -2_000_000_000)
writer.add_uint64("of.uint64", 5_000_000_000)
writer.add_int64("of.int64", -5_000_000_000)
writer.add_float32("of.float32", 0.5)
writer.add_float64("of.float64", 0.1)
writer.add_bool("of.bool", True)
writer.add_string("of.string", "grüße ▁")
writer.add_array("of.strings", ["a", "Ġb"])
writer.add_array("of.numbers", [1, 2, 3])

exact = random.standard_normal((ROWS, COLUMNS)).astype(numpy.float32)
writer.add_tensor("F32", exact)
writer.add_tensor("expected.F32", exact)
for name in TYPES:
    kind = gguf.GGMLQuantizationType[name]
    values, size = gguf.GGML_QUANT_SIZES[kind]
    if name in SCALES:
        blocks = random.integers(0, 256, (ROWS, COLUMNS // values, size), dtype=numpy.uint8)
        for at in SCALES[name]:
            scales = random.standard_normal((ROWS, COLUMNS // values, 1)).astype(numpy.float16)
            blocks[:, :, at:at + 2] = scales.view(numpy.uint8)
        data = blocks.reshape(ROWS, -1)
    else:
        data = gguf.quants.quantize(random.standard_normal((ROWS, COLUMNS)).astype(numpy.float32), kind)
    writer.add_tensor(name, data, raw_dtype=kind)
    writer.add_tensor("expected." + name, numpy.ascontiguousarray(dequantize(data, kind), dtype=numpy.float32))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
