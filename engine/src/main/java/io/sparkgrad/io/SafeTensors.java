package io.sparkgrad.io;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
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
 * <p>bool, int32, int64, float32 and float64 keep every bit; F16 and BF16 are read as float32.
 * Files come from strangers: sizes are checked against the file's length before anything is
 * allocated. Thread-safe as long as nobody writes to the tensors.
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

  private static final int MAX_HEADER_BYTES = 100_000_000; // as the reference implementation
  private static final int CHUNK_BYTES = 1 << 20; // 1 MiB
  private static final long MAX_NUMEL = Integer.MAX_VALUE - 8L;

  /** How numbers lie in a file; the names are the format's. */
  private enum Form {
    BOOL(1, DType.BOOL),
    I32(4, DType.INT32),
    I64(8, DType.INT64),
    F16(2, DType.FLOAT32),
    BF16(2, DType.FLOAT32),
    F32(4, DType.FLOAT32),
    F64(8, DType.FLOAT64);

    final int bytes;
    final DType dtype;

    Form(int bytes, DType dtype) {
      this.bytes = bytes;
      this.dtype = dtype;
    }

    static Form of(DType dtype) {
      return valueOf(dtype.fileName());
    }
  }

  /** A checked entry: what is read next, and into what. */
  private record Place(String name, Form form, int[] shape, long from, long to) {}

  public SafeTensors {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    if (tensors.containsKey(SafeTensorsHeader.METADATA))
      throw new IllegalArgumentException(
          "a tensor cannot be named "
              + SafeTensorsHeader.METADATA
              + ": the format keeps that name");
    tensors.forEach((name, t) -> Objects.requireNonNull(t, () -> "tensor '" + name + "' is null"));
    metadata.forEach((k, v) -> Objects.requireNonNull(v, () -> "metadata '" + k + "' is null"));
  }

  // ---- reading

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read or is not a sound safetensors file; the text says why
   */
  public static SafeTensors read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(file.toString(), in, Files.size(file));
    }
  }

  /**
   * Reads a stream of {@code length} bytes to its end; does not close it.
   *
   * @param file its name, for the errors
   */
  public static SafeTensors read(String file, InputStream stream, long length) throws IOException {
    InputStream in = new BufferedInputStream(stream);
    SafeTensorsHeader header = new SafeTensorsHeader(file, header(file, in, length));
    long dataBytes = length - Long.BYTES - header.bytes;
    List<Place> places = new ArrayList<>();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (SafeTensorsHeader.Entry e : header.entries) {
      places.add(place(file, e, dataBytes));
      tensors.put(e.name(), null); // holds its place in the order
    }
    places.sort(Comparator.comparingLong(Place::from).thenComparingLong(Place::to));
    checkSeams(file, places, dataBytes);
    for (Place p : places) tensors.put(p.name, readNumbers(file, p, in));
    return new SafeTensors(tensors, header.metadata);
  }

  private static byte[] header(String file, InputStream in, long length) throws IOException {
    byte[] prefix = in.readNBytes(Long.BYTES);
    if (prefix.length < Long.BYTES)
      throw new EOFException(file + ": not a safetensors file: it has " + length + " bytes");
    long bytes = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (bytes < 0 || bytes > Math.min(MAX_HEADER_BYTES, length - Long.BYTES)) {
      throw new IOException(
          file
              + ": not a safetensors file: its header would have "
              + Long.toUnsignedString(bytes)
              + " bytes, the file has "
              + length
              + " and a header at most "
              + MAX_HEADER_BYTES);
    }
    byte[] json = in.readNBytes((int) bytes);
    if (json.length < bytes) throw new EOFException(file + ": the file ends within its header");
    return json;
  }

  private static Place place(String file, SafeTensorsHeader.Entry e, long dataBytes)
      throws IOException {
    String name = file + ": tensor '" + e.name() + "'";
    Form form = form(name, e.dtype());
    if (e.from() > e.to() || e.to() > dataBytes) {
      throw new IOException(
          name
              + " lies at bytes "
              + e.from()
              + " to "
              + e.to()
              + " of the data, which has "
              + dataBytes);
    }
    long n = numel(name, e.shape());
    if (n * form.bytes != e.to() - e.from()) {
      throw new IOException(
          name
              + ": shape "
              + Arrays.toString(e.shape())
              + " of "
              + form
              + " takes "
              + n * form.bytes
              + " bytes, its data_offsets hold "
              + (e.to() - e.from()));
    }
    int[] shape = Arrays.stream(e.shape()).mapToInt(size -> (int) size).toArray();
    return new Place(e.name(), form, shape, e.from(), e.to());
  }

  private static Form form(String name, String dtype) throws IOException {
    for (Form f : Form.values()) if (f.name().equals(dtype)) return f;
    throw new IOException(
        name + " is of dtype " + dtype + "; known are " + Arrays.toString(Form.values()));
  }

  private static long numel(String name, long[] shape) throws IOException {
    long n = 1;
    for (long size : shape) {
      /* Each size counts, even beside a 0: a shape is kept as ints. */
      if (size > MAX_NUMEL || n * size > MAX_NUMEL) {
        throw new IOException(
            name
                + ": shape "
                + Arrays.toString(shape)
                + " is more than one tensor can hold (2^31)");
      }
      n *= size;
    }
    return n;
  }

  /** The tensors, in the data's order, must cover it from end to end. */
  private static void checkSeams(String file, List<Place> places, long dataBytes)
      throws IOException {
    long end = 0;
    String before = "the header";
    for (Place p : places) {
      if (p.from != end) {
        throw new IOException(
            file
                + ": tensor '"
                + p.name
                + "' starts at byte "
                + p.from
                + " of the data, but "
                + before
                + " ends at "
                + end
                + (p.from > end ? ": a gap" : ": they overlap"));
      }
      end = p.to;
      before = "tensor '" + p.name + "'";
    }
    if (end != dataBytes)
      throw new IOException(
          file + ": the tensors end at byte " + end + " of the data, which has " + dataBytes);
  }

  private static Tensor readNumbers(String file, Place p, InputStream in) throws IOException {
    Tensor t = Tensor.zeros(p.form.dtype, p.shape);
    byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, p.to - p.from)];
    int step = CHUNK_BYTES / p.form.bytes;
    for (int at = 0; at < t.numel(); at += step) {
      int n = Math.min(step, t.numel() - at);
      if (in.readNBytes(chunk, 0, n * p.form.bytes) < n * p.form.bytes)
        throw new EOFException(file + ": the file ends within tensor '" + p.name + "'");
      decode(p.form, ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN), t, at, n);
    }
    return t;
  }

  private static void decode(Form form, ByteBuffer bytes, Tensor t, int at, int n) {
    switch (form) {
      case F16 -> {
        for (int i = 0; i < n; i++) t.storage().floats()[at + i] = half(bytes.getShort());
      }
      case BF16 -> { // the upper half of a float32
        for (int i = 0; i < n; i++)
          t.storage().floats()[at + i] = Float.intBitsToFloat(bytes.getShort() << 16);
      }
      default -> t.storage().read(bytes, at, n);
    }
  }

  /** An IEEE half: sign, 5 bits of exponent (bias 15), 10 of fraction. */
  private static float half(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = half >> 10 & 0x1f;
    int fraction = half & 0x3ff;
    if (exponent == 0) // zero and subnormals: multiples of 2^-24
    return Float.intBitsToFloat(sign | Float.floatToRawIntBits(fraction * 0x1p-24f));
    int wide = exponent == 31 ? 255 : exponent + 112;
    return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
  }

  // ---- writing

  /** Writes a file: whole or not at all, over one that is there. */
  public void write(Path file) throws IOException {
    AtomicFile.write(file, this::writeTo);
  }

  /** Writes to a stream; does not close it. */
  public void writeTo(OutputStream out) throws IOException {
    List<String> dataOrder = new ArrayList<>(tensors.keySet());
    dataOrder.sort(Comparator.comparingInt(name -> -form(name).bytes)); // stable
    byte[] header = header(dataOrder);
    out.write(bytes(Long.BYTES).putLong(header.length).array());
    out.write(header);
    for (String name : dataOrder) writeNumbers(tensors.get(name), out);
  }

  private Form form(String name) {
    return Form.of(tensors.get(name).dtype());
  }

  private byte[] header(List<String> dataOrder) {
    Map<String, long[]> offsets = new LinkedHashMap<>();
    long at = 0;
    for (String name : dataOrder) {
      long end = at + (long) tensors.get(name).numel() * form(name).bytes;
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
                    + (":{\"dtype\":\"" + form(name))
                    + ("\",\"shape\":" + compact(Arrays.toString(t.shape())))
                    + (",\"data_offsets\":" + compact(Arrays.toString(offsets.get(name))) + "}")));
    return padded(encode("{" + String.join(",", members) + "}"));
  }

  private static String quote(String s) {
    return SafeTensorsHeader.quote(s);
  }

  private static String compact(String list) {
    return list.replace(" ", "");
  }

  private static byte[] encode(String json) {
    try {
      ByteBuffer utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(json));
      return Arrays.copyOf(utf8.array(), utf8.limit());
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("a name or a metadata text is not valid Unicode", e);
    }
  }

  private static byte[] padded(byte[] json) {
    int length = (json.length + 7) / 8 * 8;
    if (length > MAX_HEADER_BYTES)
      throw new IllegalArgumentException(
          "the header would have " + length + " bytes, readers take " + MAX_HEADER_BYTES);
    byte[] header = Arrays.copyOf(json, length);
    Arrays.fill(header, json.length, length, (byte) ' ');
    return header;
  }

  private static void writeNumbers(Tensor tensor, OutputStream out) throws IOException {
    Tensor t = tensor.detach().contiguous().cpu();
    Form form = Form.of(t.dtype());
    int step = CHUNK_BYTES / form.bytes;
    ByteBuffer chunk = bytes((int) Math.min(CHUNK_BYTES, (long) t.numel() * form.bytes));
    for (int at = 0; at < t.numel(); at += step) {
      int n = Math.min(step, t.numel() - at);
      t.storage().write(t.offset() + at, n, chunk.clear());
      out.write(chunk.array(), 0, n * form.bytes);
    }
  }

  private static ByteBuffer bytes(int n) {
    return ByteBuffer.allocate(n).order(ByteOrder.LITTLE_ENDIAN);
  }
}
