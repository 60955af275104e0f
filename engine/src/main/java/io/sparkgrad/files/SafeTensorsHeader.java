package io.sparkgrad.files;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The header of a safetensors file: checked, so that the entries cover the data from end to end and
 * each takes the bytes that its shape and dtype need. Takes and refuses what the reference
 * implementation does, with two differences: a name that comes twice is refused, as the format
 * says, and an unknown dtype is not.
 */
final class SafeTensorsHeader {
  static final String METADATA = "__metadata__";
  static final int MAX_BYTES = 100_000_000; // as the reference implementation
  static final int MAX_DIMS = 64; // as NumPy; a hostile header could name millions
  private static final Set<String> KNOWN = Set.of("dtype", "shape", "data_offsets");

  /** How many bits a number takes, of each type that the format knows. */
  private static final Map<String, Integer> BITS = new HashMap<>();

  static {
    for (String type : List.of("BOOL", "U8", "I8")) BITS.put(type, 8);
    for (String type : List.of("F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"))
      BITS.put(type, 8);
    for (String type : List.of("U16", "I16", "F16", "BF16")) BITS.put(type, 16);
    for (String type : List.of("U32", "I32", "F32")) BITS.put(type, 32);
    for (String type : List.of("U64", "I64", "F64", "C64")) BITS.put(type, 64);
    BITS.putAll(Map.of("F4", 4, "F6_E2M3", 6, "F6_E3M2", 6));
  }

  /** A tensor as the header describes it; its bytes are [from, to) of the data. */
  record Entry(String name, String dtype, long[] shape, long from, long to) {
    long bytes() {
      return to - from;
    }
  }

  /** In the header's order. */
  final Map<String, Entry> entries = new LinkedHashMap<>();

  final Map<String, String> metadata = new LinkedHashMap<>();

  /** Bytes of the file in front of the data. */
  final long dataStart;

  private final String file;
  private final JsonReader json;

  /**
   * Reads a header.
   *
   * @param file its name, for the errors
   * @param length bytes of the whole file, as far as is known
   */
  SafeTensorsHeader(String file, InputStream in, long length) throws IOException {
    this.file = file;
    byte[] bytes = bytes(file, in, length);
    dataStart = Long.BYTES + bytes.length;
    json = new JsonReader(file, text(file, bytes));
    Set<String> seen = new HashSet<>();
    json.object(
        key -> {
          unique(seen, key);
          if (key.equals(METADATA)) readMetadata();
          else entries.put(key, entry(key));
        });
    json.end(); // behind the padding
    checkSeams(length - dataStart);
  }

  private static byte[] bytes(String file, InputStream in, long length) throws IOException {
    byte[] prefix = in.readNBytes(Long.BYTES);
    if (prefix.length < Long.BYTES)
      throw new EOFException(
          "%s: not a safetensors file: it has %d bytes".formatted(file, prefix.length));
    long announced = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (announced < 0 || announced > Math.min(MAX_BYTES, length - Long.BYTES)) {
      throw new IOException(
          "%s: not a safetensors file: its header would have %s bytes, the file has %d and a header at most %d"
              .formatted(file, Long.toUnsignedString(announced), length, MAX_BYTES));
    }
    byte[] bytes = in.readNBytes((int) announced); // grows as they arrive
    if (bytes.length < announced)
      throw new EOFException(
          "%s: the file ends within its header, after %d of %d bytes"
              .formatted(file, bytes.length, announced));
    return bytes;
  }

  private static String text(String file, byte[] utf8) throws IOException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": the header is not UTF-8; is it a safetensors file?", e);
    }
  }

  private void unique(Set<String> seen, String key) throws IOException {
    if (!seen.add(key)) throw json.error("key '" + key + "' comes twice");
  }

  private void readMetadata() throws IOException {
    if (json.isNull()) return;
    Set<String> seen = new HashSet<>();
    json.object(
        key -> {
          unique(seen, key);
          metadata.put(key, json.string());
        });
  }

  private Entry entry(String name) throws IOException {
    String[] dtype = new String[1];
    long[][] lists = new long[2][];
    Set<String> seen = new HashSet<>();
    json.object(
        key -> {
          if (KNOWN.contains(key)) unique(seen, key);
          switch (key) {
            case "dtype" -> dtype[0] = json.string();
            case "shape" -> lists[0] = json.wholeNumbers(MAX_DIMS);
            case "data_offsets" -> lists[1] = json.wholeNumbers(2);
            default -> json.skipValue();
          }
        });
    if (dtype[0] == null || lists[0] == null || lists[1] == null || lists[1].length != 2)
      throw json.error("tensor '" + name + "' needs dtype, shape and data_offsets [from, to]");
    return new Entry(name, dtype[0], lists[0], lists[1][0], lists[1][1]);
  }

  /** The entries, as their numbers lie in the data. */
  List<Entry> dataOrder() {
    List<Entry> order = new ArrayList<>(entries.values());
    order.sort(Comparator.comparingLong(Entry::from).thenComparingLong(Entry::to));
    return order;
  }

  /** The entries must cover the data from end to end. */
  private void checkSeams(long dataBytes) throws IOException {
    long end = 0;
    String before = "the header";
    for (Entry e : dataOrder()) {
      checkSize(e, dataBytes);
      if (e.from != end) {
        throw new IOException(
            "%s: tensor '%s' starts at byte %d of the data, but %s ends at %d: %s"
                .formatted(
                    file, e.name, e.from, before, end, e.from > end ? "a gap" : "they overlap"));
      }
      end = e.to;
      before = "tensor '" + e.name + "'";
    }
    if (end != dataBytes)
      throw new IOException(
          "%s: the tensors end at byte %d of the data, which has %d"
              .formatted(file, end, dataBytes));
  }

  private void checkSize(Entry e, long dataBytes) throws IOException {
    if (e.from > e.to || e.to > dataBytes) {
      throw new IOException(
          "%s: tensor '%s' lies at bytes %d to %d of the data, which has %d"
              .formatted(file, e.name, e.from, e.to, dataBytes));
    }
    Integer bits = BITS.get(e.dtype);
    if (bits == null) return;
    String shape =
        "%s: tensor '%s': shape %s of %s takes "
            .formatted(file, e.name, Arrays.toString(e.shape), e.dtype);
    try {
      long size = bits;
      for (long n : e.shape) size = Math.multiplyExact(size, n);
      if (size != 8 * e.bytes())
        throw new IOException(
            "%s%d bytes, its data_offsets hold %d".formatted(shape, size / 8, e.bytes()));
    } catch (ArithmeticException overflow) {
      throw new IOException(shape + "more than 2^60 bytes", overflow);
    }
  }
}
