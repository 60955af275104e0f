package io.sparkgrad.files;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The content of a file of PyTorch's torch.save, {@code .pt} or {@code .pth}: today's zip archives
 * and the older form. What is written is a zip archive that torch.load reads.
 *
 * <pre>{@code
 * model.loadStateDict(TorchFile.read(Path.of("resnet18.pth")).stateDict());
 * new TorchFile(model.stateDict()).write(Path.of("model.pt"));
 * }</pre>
 *
 * <p>Such a file is a program in Python's pickle format. Here it can name what tensors need and
 * nothing else: one that asks for any other function or class is refused, and nothing of it runs.
 * Sizes are checked against the file's before anything is allocated.
 *
 * <p>Tensors keep their strides, and share numbers as they did when they were saved; those of a GPU
 * come to the CPU. Thread-safe as long as nobody writes to the tensors.
 *
 * @param content a {@link Tensor} (a bare storage, too, as one dimension), {@link Map}, {@link
 *     List} (tuples, too), String, Long, Double, Boolean, {@link DType} or null, nested as in
 *     Python
 */
public record TorchFile(Object content) {
  private static final int ZIP = 0x504b0304; // how an archive starts
  private static final int PICKLE = 0x80;
  private static final int START_BYTES = 9;

  // ---- reading

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read, is not a sound torch file, or asks for something that
   *     is not among the names that tensors need; the text says what
   */
  public static TorchFile read(Path file) throws IOException {
    byte[] start = start(file);
    if (isZip(start) && file.getFileSystem() != FileSystems.getDefault())
      try (InputStream in = Files.newInputStream(file)) {
        return read(file.toString(), in);
      }
    if (isZip(start)) return new TorchFile(TorchZip.read(file));
    if (isPickle(start)) return new TorchFile(TorchLegacy.read(file));
    throw new IOException(
        "%s: not a torch file: it starts neither as a zip archive nor as a pickle%s"
            .formatted(
                file,
                start.length == START_BYTES && start[8] == '{' ? "; SafeTensors reads it" : ""));
  }

  /**
   * As {@link #read(Path)}, from a stream, by way of a temporary file; does not close it.
   *
   * @param file its name, for the errors
   */
  public static TorchFile read(String file, InputStream in) throws IOException {
    Path copy = Files.createTempFile("sparkgrad", ".pt");
    try {
      Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
      return read(copy);
    } catch (IOException e) {
      String text = String.valueOf(e.getMessage()).replace(copy.toString(), file);
      throw new IOException(text, e);
    } finally {
      Files.delete(copy);
    }
  }

  /** Whether a file starts as one of torch.save; what follows may be anything. */
  public static boolean isTorchFile(Path file) throws IOException {
    byte[] start = start(file);
    return isZip(start) || isPickle(start);
  }

  private static byte[] start(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(START_BYTES);
    }
  }

  /** As {@link #isTorchFile(Path)}, of a stream that can be marked: it stays where it is. */
  public static boolean isTorchFile(InputStream in) throws IOException {
    in.mark(START_BYTES);
    byte[] start = in.readNBytes(START_BYTES);
    in.reset();
    return isZip(start) || isPickle(start);
  }

  /* The ninth byte of a safetensors file is the brace of its header; its length, in front, can be any number. */
  private static boolean isZip(byte[] start) {
    return start.length == START_BYTES && start[8] != '{' && ByteBuffer.wrap(start).getInt() == ZIP;
  }

  private static boolean isPickle(byte[] start) {
    return start.length == START_BYTES && start[8] != '{' && (start[0] & 0xff) == PICKLE;
  }

  static String bigEndian(String file) {
    return file
        + ": its numbers are big-endian, known are little-endian ones: load and save it in Python on a machine of today";
  }

  /**
   * The tensors by name: the content, if it is a dict of tensors alone, else the one such dict in
   * it, as in {@code {'state_dict': ..., 'epoch': 3}}.
   *
   * @throws IllegalArgumentException if there is none, or several; the text says what there is
   */
  public Map<String, Tensor> stateDict() {
    if (isStateDict(content)) return tensors(content);
    List<Object> found = new ArrayList<>();
    if (content instanceof Map<?, ?> map)
      map.forEach(
          (key, value) -> {
            if (isStateDict(value)) found.add(key);
          });
    if (found.size() == 1) return tensors(((Map<?, ?>) content).get(found.get(0)));
    throw new IllegalArgumentException(
        found.isEmpty()
            ? "the file holds no dict of tensors, but %s: see content()"
                .formatted(described(content))
            : "the file holds several dicts of tensors: name one of %s, stateDict(name)"
                .formatted(found));
  }

  /**
   * The tensors by name in a dict within the content.
   *
   * @param keys of the dicts from the outermost on: {@code "state_dict"}
   * @throws IllegalArgumentException if there is none, or it holds something else
   */
  public Map<String, Tensor> stateDict(String... keys) {
    Object at = content;
    for (String key : keys) {
      if (!(at instanceof Map<?, ?> map) || !map.containsKey(key))
        throw new IllegalArgumentException("there is no '%s' in %s".formatted(key, described(at)));
      at = map.get(key);
    }
    if (!isStateDict(at))
      throw new IllegalArgumentException(
          "%s is no dict of tensors, but %s".formatted(List.of(keys), described(at)));
    return tensors(at);
  }

  private static boolean isStateDict(Object value) {
    return value instanceof Map<?, ?> map
        && !map.isEmpty()
        && map.keySet().stream().allMatch(String.class::isInstance)
        && map.values().stream().allMatch(Tensor.class::isInstance);
  }

  private static Map<String, Tensor> tensors(Object dict) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    ((Map<?, ?>) dict).forEach((name, t) -> tensors.put((String) name, (Tensor) t));
    return Collections.unmodifiableMap(tensors);
  }

  /* Its keys, not its values, which may hold one another. */
  private static String described(Object value) {
    return value instanceof Map<?, ?> map ? "a dict of " + map.keySet() : Unpickler.kind(value);
  }

  /**
   * The same tensors under names without a prefix, where they have it: {@code module.} of
   * DataParallel.
   *
   * @throws IllegalArgumentException if two names would become one
   */
  public static Map<String, Tensor> withoutPrefix(Map<String, Tensor> state, String prefix) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    state.forEach(
        (name, t) -> {
          String rest = name.startsWith(prefix) ? name.substring(prefix.length()) : name;
          if (tensors.put(rest, t) != null)
            throw new IllegalArgumentException(
                "without '%s' two tensors are named '%s'".formatted(prefix, rest));
        });
    return tensors;
  }

  // ---- writing

  /**
   * Writes a file: whole or not at all, over one that is there. The same content gives the same
   * bytes.
   *
   * <p>Tensors that share numbers do so in the file, and so a view takes its whole storage there,
   * as with torch.save. Tensors of a GPU are written as those of the CPU, each by itself.
   *
   * @throws IllegalArgumentException if the content holds something that a torch file cannot
   */
  public void write(Path file) throws IOException {
    AtomicFile.write(file, this::writeTo);
  }

  /** Writes to a stream; does not close it. */
  public void writeTo(OutputStream out) throws IOException {
    TorchPickler pickler = new TorchPickler();
    byte[] pickle = pickler.pickle(content);
    TorchZip.write(pickle, pickler.storages(), out);
  }

  /** Without the content, which may be large. */
  @Override
  public String toString() {
    return "TorchFile(%s)".formatted(described(content));
  }
}
