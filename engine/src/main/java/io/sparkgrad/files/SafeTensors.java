package io.sparkgrad.files;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.files.SafeTensorsHeader.Entry;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Named tensors and a few strings about them: the content of a safetensors file, the format of
 * Hugging Face, which PyTorch, JAX and others read and write.
 *
 * <pre>{@code
 * new SafeTensors(model.stateDict(), SafeTensors.PYTORCH).write(Path.of("model.safetensors"));
 * Map<String, Tensor> state = SafeTensors.read(Path.of("model.safetensors")).tensors();
 * }</pre>
 *
 * <p>Every {@link DType} keeps every bit. Files come from strangers: sizes are checked against the
 * file's length before anything is allocated, and a stream's memory is taken as its bytes arrive.
 * Thread-safe as long as nobody writes to the tensors.
 *
 * @param tensors by name, in the order of the file's header
 * @param metadata what the file says about itself; may be empty
 */
public record SafeTensors(Map<String, Tensor> tensors, Map<String, String> metadata) {
  /*
   * The file: the header's length (8 bytes, little-endian), the header (JSON, padded with spaces so
   * that the data starts at a multiple of 8), the numbers (little-endian, row-major, no gaps). The
   * data lies widest type first, which aligns each tensor; the header keeps the map's order.
   */
  /** Says that names and layouts are PyTorch's; some readers, transformers for one, ask for it. */
  public static final Map<String, String> PYTORCH = Map.of("format", "pt");

  static final long MAX_NUMEL = Integer.MAX_VALUE - 8L;

  public SafeTensors {
    if (!(tensors instanceof PartlyRead)) {
      tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
      requireValues("tensor", tensors);
    }
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    requireValues("metadata", metadata);
    if (tensors.containsKey(SafeTensorsHeader.METADATA))
      throw new IllegalArgumentException(
          "a tensor cannot be named %s: the format keeps that name"
              .formatted(SafeTensorsHeader.METADATA));
  }

  private static void requireValues(String kind, Map<String, ?> map) {
    map.forEach(
        (name, value) -> {
          Objects.requireNonNull(name, () -> "a " + kind + " name is null");
          Objects.requireNonNull(value, () -> kind + " '" + name + "' is null");
        });
  }

  // ---- reading

  /**
   * Reads a file, all of it; {@link SafeTensorsFile} reads it tensor by tensor.
   *
   * <p>A tensor that none here can hold (of an unknown dtype, or of more than 2^31 numbers) is
   * among the names, and {@code tensors().get(name)} throws an IllegalArgumentException that says
   * why.
   *
   * @throws IOException if it cannot be read or is not a sound safetensors file; the text says why
   */
  public static SafeTensors read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(file.toString(), in, Files.size(file), true);
    }
  }

  /**
   * Reads a stream of {@code length} bytes to its end; does not close it. Memory is taken as bytes
   * arrive.
   *
   * @param file its name, for the errors
   */
  public static SafeTensors read(String file, InputStream stream, long length) throws IOException {
    return read(file, stream, length, false);
  }

  private static SafeTensors read(
      String file, InputStream stream, long length, boolean areBytesThere) throws IOException {
    InputStream in = new BufferedInputStream(stream);
    SafeTensorsHeader header = new SafeTensorsHeader(file, in, length);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Map<String, String> refusals = new LinkedHashMap<>();
    for (String name : header.entries.keySet()) tensors.put(name, null); // holds its place
    for (Entry e : header.dataOrder()) {
      String refusal = refusal(file, e);
      if (refusal == null) {
        tensors.put(e.name(), readNumbers(file, e, in, areBytesThere));
      } else {
        refusals.put(e.name(), refusal);
        skip(file, e, in);
      }
    }
    return new SafeTensors(
        refusals.isEmpty() ? tensors : new PartlyRead(tensors, refusals), header.metadata);
  }

  /** Why no tensor here can hold an entry, or null. */
  static String refusal(String file, Entry e) {
    String name = "%s: tensor '%s'".formatted(file, e.name());
    if (dtype(e) == null) {
      List<String> known = Arrays.stream(DType.values()).map(DType::safetensorsName).toList();
      return "%s is of dtype %s; known are %s".formatted(name, e.dtype(), known);
    }
    long most = 0;
    for (long size : e.shape()) most = Math.max(most, size);
    if (most > MAX_NUMEL || e.bytes() / dtype(e).bytes() > MAX_NUMEL)
      return "%s: shape %s is more than one tensor can hold (2^31)"
          .formatted(name, Arrays.toString(e.shape()));
    return null;
  }

  /** The type of that name, or null. */
  private static DType dtype(Entry e) {
    for (DType t : DType.values()) if (t.safetensorsName().equals(e.dtype())) return t;
    return null;
  }

  private static void skip(String file, Entry e, InputStream in) throws IOException {
    byte[] chunk = new byte[(int) Math.min(Numbers.CHUNK_BYTES, e.bytes())];
    for (long at = 0; at < e.bytes(); at += chunk.length) {
      int n = (int) Math.min(chunk.length, e.bytes() - at);
      int read = in.readNBytes(chunk, 0, n);
      if (read < n) throw ended(file, e, at + read);
    }
  }

  /**
   * Reads an entry's numbers, which come next.
   *
   * @param areBytesThere whether they are known to be: else memory is taken as they arrive, since a
   *     header can announce what it likes
   */
  private static Tensor readNumbers(String file, Entry e, InputStream in, boolean areBytesThere)
      throws IOException {
    DType dtype = dtype(e);
    int n = (int) (e.bytes() / dtype.bytes());
    int room = areBytesThere ? n : Math.min(n, Numbers.CHUNK_BYTES / dtype.bytes());
    Tensor t = null;
    for (int at = 0; t == null || at < n; room = (int) Math.min(n, 2L * room)) {
      Tensor larger = Tensor.zeros(dtype, room == n ? shape(e) : new int[] {room});
      if (t != null) System.arraycopy(array(t), 0, array(larger), 0, at);
      t = larger;
      at = fill(file, e, in, t, at);
    }
    return t;
  }

  /** Zeros of an entry's type and shape, which must not be refused. */
  static Tensor zeros(Entry e) {
    return Tensor.zeros(dtype(e), shape(e));
  }

  private static int[] shape(Entry e) {
    return Arrays.stream(e.shape()).mapToInt(Math::toIntExact).toArray();
  }

  private static Object array(Tensor t) {
    return t.storage().array();
  }

  /** Reads numbers from {@code at} to the tensor's end, which is returned. */
  private static int fill(String file, Entry e, InputStream in, Tensor t, int at)
      throws IOException {
    int size = t.dtype().bytes();
    int end = t.numel();
    long read = Numbers.read(in, t.storage(), at, end);
    if (read < (long) (end - at) * size) throw ended(file, e, (long) at * size + read);
    return end;
  }

  private static EOFException ended(String file, Entry e, long present) {
    return new EOFException(
        "%s: the file ends within tensor '%s', after %d of %d bytes"
            .formatted(file, e.name(), present, e.bytes()));
  }

  // ---- writing

  /** Writes a file: whole or not at all, over one that is there. */
  public void write(Path file) throws IOException {
    AtomicFile.write(file, this::writeTo);
  }

  /** Writes to a stream; does not close it. */
  public void writeTo(OutputStream out) throws IOException {
    List<String> dataOrder = new ArrayList<>(tensors.keySet());
    dataOrder.sort(Comparator.comparingInt(name -> -dtype(name).bytes())); // stable
    byte[] header = header(dataOrder);
    out.write(bytes(Long.BYTES).putLong(header.length).array());
    out.write(header);
    for (String name : dataOrder) writeNumbers(tensors.get(name), out);
  }

  private DType dtype(String name) {
    return tensors.get(name).dtype();
  }

  private byte[] header(List<String> dataOrder) {
    Map<String, long[]> offsets = new LinkedHashMap<>();
    long at = 0;
    for (String name : dataOrder) {
      long end = at + (long) tensors.get(name).numel() * dtype(name).bytes();
      offsets.put(name, new long[] {at, end});
      at = end;
    }
    List<String> members = new ArrayList<>();
    if (!metadata.isEmpty()) {
      List<String> pairs = new ArrayList<>();
      metadata.forEach((k, v) -> pairs.add(quote(k) + ":" + quote(v)));
      members.add(quote(SafeTensorsHeader.METADATA) + ":{" + String.join(",", pairs) + "}");
    }
    tensors.forEach(
        (name, t) ->
            members.add(
                quote(name)
                    + (":{\"dtype\":\"" + dtype(name).safetensorsName())
                    + ("\",\"shape\":" + compact(Arrays.toString(t.shape())))
                    + (",\"data_offsets\":" + compact(Arrays.toString(offsets.get(name))) + "}")));
    return padded(("{" + String.join(",", members) + "}").getBytes(StandardCharsets.UTF_8));
  }

  private static String quote(String s) {
    return JsonReader.quote(s);
  }

  private static String compact(String list) {
    return list.replace(" ", "");
  }

  private static byte[] padded(byte[] json) {
    int length = (json.length + 7) / 8 * 8;
    if (length > SafeTensorsHeader.MAX_BYTES)
      throw new IllegalArgumentException(
          "the header would have %s bytes, readers take %s"
              .formatted(length, SafeTensorsHeader.MAX_BYTES));
    byte[] header = Arrays.copyOf(json, length);
    Arrays.fill(header, json.length, length, (byte) ' ');
    return header;
  }

  private static void writeNumbers(Tensor tensor, OutputStream out) throws IOException {
    Tensor t = tensor.detach().contiguous().cpu();
    Numbers.write(t.storage(), t.offset(), t.offset() + t.numel(), out);
  }

  private static ByteBuffer bytes(int n) {
    return ByteBuffer.allocate(n).order(ByteOrder.LITTLE_ENDIAN);
  }
}
