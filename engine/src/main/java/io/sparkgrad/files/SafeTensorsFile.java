package io.sparkgrad.files;

import io.sparkgrad.Tensor;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * An open safetensors file, of which only the header has been read: tensors are read one by one, by
 * name, at their place in the file. Thread-safe.
 *
 * <pre>{@code
 * try (SafeTensorsFile file = SafeTensorsFile.open(Path.of("model.safetensors"))) {
 *   for (String name : file.names()) System.out.println(name + " " + file.info(name));
 *   Tensor weight = file.read("fc.weight");
 * }
 * }</pre>
 */
public final class SafeTensorsFile implements Closeable {
  /**
   * A tensor's entry in the header.
   *
   * @param dtype as the format names it: {@code F32}; may be one that no tensor here can have
   * @param shape sizes; may be larger than a tensor's can be
   * @param bytes that its numbers take
   */
  public record Info(String dtype, List<Long> shape, long bytes) {}

  private final String file;
  private final FileChannel channel;
  private final SafeTensorsHeader header;

  private SafeTensorsFile(String file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    header =
        new SafeTensorsHeader(
            file, new BufferedInputStream(Channels.newInputStream(channel)), channel.size());
  }

  /**
   * Opens a file and checks its header.
   *
   * @throws IOException if it cannot be read or is not a sound safetensors file; the text says why
   */
  public static SafeTensorsFile open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file);
    try {
      return new SafeTensorsFile(file.toString(), channel);
    } catch (Throwable e) {
      channel.close();
      throw e;
    }
  }

  /** The tensors' names, in the header's order. */
  public List<String> names() {
    return new ArrayList<>(header.entries.keySet());
  }

  /** The file's metadata, keys and values as text; may be empty. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(header.metadata);
  }

  /**
   * A tensor's entry in the header.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public Info info(String name) {
    SafeTensorsHeader.Entry e = entry(name);
    List<Long> shape = new ArrayList<>();
    for (long size : e.shape()) shape.add(size);
    return new Info(e.dtype(), List.copyOf(shape), e.bytes());
  }

  /**
   * Reads a tensor.
   *
   * @throws IllegalArgumentException if there is none of that name, or it is of a dtype or a size
   *     that no tensor here can have
   */
  public Tensor read(String name) throws IOException {
    SafeTensorsHeader.Entry e = entry(name);
    String refusal = SafeTensors.refusal(file, e);
    if (refusal != null) throw new IllegalArgumentException(refusal);
    checkSize(e);
    Tensor t = SafeTensors.zeros(e);
    int size = t.dtype().bytes();
    int step = Numbers.CHUNK_BYTES / size;
    ByteBuffer chunk =
        ByteBuffer.allocate((int) Math.min(Numbers.CHUNK_BYTES, e.bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0, n; at < t.numel(); at += n) {
      n = Math.min(step, t.numel() - at);
      fill(chunk.clear().limit(n * size), header.dataStart + e.from() + (long) at * size, e);
      t.storage().read(chunk, at, n);
    }
    return t;
  }

  /*
   * Not by mapped memory: a page that is gone, since the file was cut, reaches Java as an error at any later
   * instruction, which nobody can catch (seen on JDK 17).
   */
  private void fill(ByteBuffer chunk, long from, SafeTensorsHeader.Entry e) throws IOException {
    while (chunk.hasRemaining())
      if (channel.read(chunk, from + chunk.position()) < 0) {
        checkSize(e);
        throw new EOFException("%s: tensor '%s' ended while it was read".formatted(file, e.name()));
      }
    chunk.flip();
  }

  private void checkSize(SafeTensorsHeader.Entry e) throws IOException {
    long end = header.dataStart + e.to();
    if (channel.size() < end)
      throw new EOFException(
          "%s: tensor '%s' ends at byte %d, but the file, which had more when it was opened, has %d"
              .formatted(file, e.name(), end, channel.size()));
  }

  private SafeTensorsHeader.Entry entry(String name) {
    SafeTensorsHeader.Entry e = header.entries.get(name);
    if (e == null)
      throw new IllegalArgumentException(
          "%s: no tensor is named '%s'; there are %s".formatted(file, name, names()));
    return e;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  @Override
  public String toString() {
    return "SafeTensorsFile(%s)".formatted(file);
  }
}
