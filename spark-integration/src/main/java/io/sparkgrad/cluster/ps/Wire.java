package io.sparkgrad.cluster.ps;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Fields to bytes and back, little-endian. Not thread-safe. */
final class Wire {
  private static final int HEADER_ROOM = 512; // enough for what surrounds the numbers, mostly

  private Wire() {}

  /** Grows as needed; numbers are copied in bulk. */
  static final class Out {
    private ByteBuffer buffer;

    /**
     * @param floats numbers to come, so that the buffer is allocated once
     */
    Out(long floats) {
      buffer = allocate(Math.addExact(HEADER_ROOM, Math.multiplyExact(floats, Float.BYTES)));
    }

    ByteBuffer buffer() {
      return buffer.flip();
    }

    Out int8(byte v) {
      room(1).put(v);
      return this;
    }

    Out flag(boolean v) {
      return int8((byte) (v ? 1 : 0));
    }

    Out int32(int v) {
      room(Integer.BYTES).putInt(v);
      return this;
    }

    Out int64(long v) {
      room(Long.BYTES).putLong(v);
      return this;
    }

    Out float64(double v) {
      room(Double.BYTES).putDouble(v);
      return this;
    }

    Out text(String v) {
      byte[] utf8 = v.getBytes(StandardCharsets.UTF_8);
      int32(utf8.length);
      room(utf8.length).put(utf8);
      return this;
    }

    Out floats(Floats v) {
      int32(v.length());
      int bytes = Math.multiplyExact(v.length(), Float.BYTES);
      ByteBuffer to = room(bytes);
      to.asFloatBuffer().put(v.array(), v.from(), v.length());
      to.position(to.position() + bytes);
      return this;
    }

    <T> Out list(List<T> items, BiConsumer<Out, T> write) {
      int32(items.size());
      for (T item : items) write.accept(this, item);
      return this;
    }

    Out address(Address v) {
      return text(v.host()).int32(v.port());
    }

    Out partial(Partial v) {
      int32(v.node().first()).int8((byte) v.node().level()).flag(v.sum() != null);
      if (v.sum() != null) floats(v.sum());
      return float64(v.lossSum()).float64(v.denominator());
    }

    Out leases(Leases v) {
      flag(v != null);
      if (v == null) return this;
      return int64(v.version())
          .list(
              v.leases(),
              (o, l) -> o.int64(l.task()).text(l.executor()).int32(l.first()).int32(l.count()));
    }

    Out border(Border v) {
      flag(v != null);
      return v == null ? this : leases(v.leases()).flag(v.end());
    }

    private ByteBuffer room(int bytes) {
      if (buffer.remaining() < bytes) {
        ByteBuffer larger = allocate(Math.max(2L * buffer.capacity(), buffer.position() + bytes));
        buffer = larger.put(buffer.flip());
      }
      return buffer;
    }

    private static ByteBuffer allocate(long bytes) {
      return ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /** Throws IllegalArgumentException for bytes that no Out wrote. */
  static final class In {
    private final ByteBuffer buffer;

    In(ByteBuffer bytes) {
      buffer = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    byte int8() {
      return read(ByteBuffer::get);
    }

    boolean flag() {
      byte v = int8();
      if (v != 0 && v != 1) throw new IllegalArgumentException("no flag: " + v);
      return v == 1;
    }

    int int32() {
      return read(ByteBuffer::getInt);
    }

    long int64() {
      return read(ByteBuffer::getLong);
    }

    double float64() {
      return read(ByteBuffer::getDouble);
    }

    String text() {
      byte[] utf8 = new byte[count(1)];
      buffer.get(utf8);
      return new String(utf8, StandardCharsets.UTF_8);
    }

    Floats floats() {
      float[] values = new float[count(Float.BYTES)];
      buffer.asFloatBuffer().get(values);
      buffer.position(buffer.position() + values.length * Float.BYTES);
      return Floats.of(values);
    }

    <T> List<T> list(Function<In, T> read) {
      int n = count(1);
      List<T> items = new ArrayList<>(n);
      for (int i = 0; i < n; i++) items.add(read.apply(this));
      return items;
    }

    Address address() {
      return new Address(text(), int32());
    }

    Partial partial() {
      Block node = new Block(int32(), int8());
      return new Partial(node, flag() ? floats() : null, float64(), float64());
    }

    Leases leases() {
      if (!flag()) return null;
      return new Leases(
          int64(), list(i -> new Leases.Lease(i.int64(), i.text(), i.int32(), i.int32())));
    }

    Border border() {
      return flag() ? new Border(leases(), flag()) : null;
    }

    void end(Message m) {
      if (buffer.hasRemaining())
        throw new IllegalArgumentException(
            buffer.remaining() + " bytes after " + m.getClass().getSimpleName());
    }

    /** A count of items, checked against what is left before anything is allocated. */
    private int count(int itemBytes) {
      int n = int32();
      if (n < 0 || (long) n * itemBytes > buffer.remaining())
        throw new IllegalArgumentException(
            "truncated: " + n + " items announced, " + buffer.remaining() + " bytes left");
      return n;
    }

    private <T> T read(Function<ByteBuffer, T> get) {
      try {
        return get.apply(buffer);
      } catch (BufferUnderflowException e) {
        throw new IllegalArgumentException("truncated at byte " + buffer.position(), e);
      }
    }
  }
}
