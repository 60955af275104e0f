package io.sparkgrad.files;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Torch files as PyTorch wrote them before 1.6, and does with {@code
 * _use_new_zipfile_serialization=False}: pickles of a magic number, a protocol, facts about the
 * machine, the content, and the keys of the storages; then, for each key, a count of numbers
 * (int64) and the numbers.
 */
final class TorchLegacy {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long PROTOCOL = 1001;

  private final String file;
  private final long fileBytes;
  private final ByteSource in;
  private final Map<String, Tensor> storages = new LinkedHashMap<>();

  private TorchLegacy(String file, InputStream in, long fileBytes) {
    this.file = file;
    this.fileBytes = fileBytes;
    this.in = new ByteSource(file, in, fileBytes);
  }

  static Object read(Path path) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(path))) {
      return new TorchLegacy(path.toString(), in, Files.size(path)).content();
    }
  }

  private Object content() throws IOException {
    if (!MAGIC.equals(unpickled()))
      throw in.error("a pickle, but not torch.save's: it does not start with its magic number");
    Object protocol = unpickled();
    if (!Long.valueOf(PROTOCOL).equals(protocol))
      throw in.error("protocol %s of torch.save; known is %d".formatted(protocol, PROTOCOL));
    if (unpickled() instanceof Map<?, ?> machine
        && Boolean.FALSE.equals(machine.get("little_endian")))
      throw new IOException(TorchFile.bigEndian(file));
    Object content = unpickled();
    readStorages(unpickled());
    return content;
  }

  private Object unpickled() throws IOException {
    return new TorchUnpickler(file, fileBytes, in, this::storage).load();
  }

  /* Its numbers come behind the pickles. */
  private Tensor storage(String key, DType dtype, int numel) {
    Tensor numbers = Tensor.zeros(dtype, numel);
    storages.put(key, numbers);
    return numbers;
  }

  private void readStorages(Object keys) throws IOException {
    if (!(keys instanceof List<?> list))
      throw in.error("storages are listed by " + Unpickler.kind(keys));
    for (Object key : list) {
      Tensor numbers = storages.remove(key);
      if (numbers == null) throw in.error("storage '%s' is none of the tensors'".formatted(key));
      long numel = in.number(Long.BYTES).getLong();
      if (numel != numbers.numel())
        throw in.error(
            "storage '%s' has %d numbers, its tensors expect %d"
                .formatted(key, numel, numbers.numel()));
      in.read(numbers);
    }
    if (!storages.isEmpty()) throw in.error("no numbers for storages " + storages.keySet());
  }
}
