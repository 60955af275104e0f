package io.sparkgrad.cluster.ps;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.IntFunction;

/** Encodes fields to bytes and back, little-endian. Not thread-safe. */
final class Wire {
  private static final int HEADER_BYTES = 512; // enough for what surrounds the numbers, mostly

  private Wire() {}

  /** Writes fields into a buffer that grows; copies numbers in bulk. */
  static final class Out {
    private ByteBuffer buffer;

    /**
     * @param floats count of numbers to come, so that one buffer is enough
     * @param memory makes the buffer, of a capacity
     */
    Out(long floats, IntFunction<ByteBuffer> memory) {
      long bytes = Math.addExact(HEADER_BYTES, Math.multiplyExact(floats, Float.BYTES));
      buffer = memory.apply(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    }

    ByteBuffer buffer() {
      return buffer.flip();
    }

    Out int8(byte v) {
      reserve(1).put(v);
      return this;
    }

    Out flag(boolean v) {
      return int8((byte) (v ? 1 : 0));
    }

    Out int32(int v) {
      reserve(Integer.BYTES).putInt(v);
      return this;
    }

    Out int64(long v) {
      reserve(Long.BYTES).putLong(v);
      return this;
    }

    Out float64(double v) {
      reserve(Double.BYTES).putDouble(v);
      return this;
    }

    Out text(String v) {
      return bytes(v.getBytes(StandardCharsets.UTF_8));
    }

    Out bytes(byte[] v) {
      int32(v.length);
      reserve(v.length).put(v);
      return this;
    }

    Out floats(Floats v) {
      int32(v.length());
      int bytes = Math.multiplyExact(v.length(), Float.BYTES);
      ByteBuffer to = reserve(bytes);
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

    Out partial(PartialSum v) {
      int32(v.node().first()).int8((byte) v.node().level()).gradient(v.gradient());
      return float64(v.lossSum()).float64(v.denominator()).int64(v.count());
    }

    Out score(Score v) {
      flag(v.ofRows()).int32(v.numbers().length);
      for (double d : v.numbers()) float64(d);
      return this;
    }

    Out gradient(Gradient v) {
      flag(v.dense() != null);
      if (v.dense() != null) floats(v.dense());
      return bytes(v.present().toByteArray()).list(v.rows(), Out::rows);
    }

    /* Ids as the gaps between them, seven bits a byte: mostly two bytes or three. */
    Out rows(TableRows v) {
      int32(v.table()).int32(v.ids().length);
      int before = -1;
      for (int id : v.ids()) {
        int gap = id - before - 1;
        for (; gap >= 0x80; gap >>>= 7) int8((byte) (gap | 0x80));
        int8((byte) gap);
        before = id;
      }
      return floats(Floats.of(v.values()));
    }

    Out assignment(Assignment v) {
      flag(v != null);
      if (v == null) return this;
      return int64(v.version())
          .list(
              v.ranges(),
              (o, l) -> o.int64(l.task()).text(l.executor()).int32(l.first()).int32(l.count()));
    }

    Out loss(Message.StepLoss v) {
      return int64(v.step()).float64(v.lossSum()).float64(v.denominator());
    }

    Out spans(Spans v) {
      return list(v.spans(), (o, s) -> o.int32(s.from()).int32(s.end()));
    }

    Out chunk(Chunk v) {
      int32(v.id()).spans(v.segments()).int64(v.version()).address(v.primary());
      flag(v.backup() != null);
      return v.backup() == null ? this : address(v.backup());
    }

    Out copy(CopyState v) {
      spans(v.segments()).int64(v.version()).flag(v.numbers() instanceof CopyState.Rows);
      if (v.numbers() instanceof CopyState.Rows rows) {
        list(rows.touched(), Out::rows).list(rows.undone(), (o, of) -> o.list(of, Out::rows));
        list(rows.pinned(), Out::rows);
      } else {
        dense((CopyState.Dense) v.numbers());
      }
      list(v.updates(), Out::int64).int64(v.pinnedVersion()).list(v.losses(), Out::loss);
      return list(v.norms(), Out::numbers);
    }

    private void dense(CopyState.Dense v) {
      list(v.weights(), Out::floats).list(v.slots(), Out::floats).flag(v.pinned() != null);
      if (v.pinned() != null) floats(v.pinned());
    }

    Out numbers(List<Double> v) {
      return list(v, Out::float64);
    }

    private ByteBuffer reserve(int bytes) {
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

  /** Reads fields; throws IllegalArgumentException for bytes that no Out wrote. */
  static final class In {
    private final ByteBuffer buffer;
    private final Buffers memory; // null: none

    In(ByteBuffer bytes, Buffers memory) {
      this.memory = memory;
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
      return new String(bytes(), StandardCharsets.UTF_8);
    }

    byte[] bytes() {
      byte[] v = new byte[count(1)];
      buffer.get(v);
      return v;
    }

    Floats floats() {
      return Floats.of(fill(new float[count(Float.BYTES)]));
    }

    /** Numbers that their receiver may release. */
    Floats lentFloats() {
      if (memory == null) return floats();
      int n = count(Float.BYTES);
      return new Floats(fill(memory.floats(n)), 0, n, memory);
    }

    private float[] fill(float[] values) {
      buffer.asFloatBuffer().get(values);
      buffer.position(buffer.position() + values.length * Float.BYTES);
      return values;
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

    PartialSum partial() {
      TreeNode node = new TreeNode(int32(), int8());
      return new PartialSum(node, gradient(), float64(), float64(), int64());
    }

    Score score() {
      boolean ofRows = flag();
      double[] numbers = new double[count(Double.BYTES)];
      for (int i = 0; i < numbers.length; i++) numbers[i] = float64();
      return new Score(numbers, ofRows);
    }

    Gradient gradient() {
      Floats dense = flag() ? lentFloats() : null;
      return new Gradient(dense, BitSet.valueOf(bytes()), list(In::rows));
    }

    TableRows rows() {
      int table = int32();
      int[] ids = new int[count(1)];
      int before = -1;
      for (int i = 0; i < ids.length; i++) {
        int gap = 0;
        byte part = int8();
        for (int shift = 0; ; shift += 7, part = int8()) {
          if (shift > 28) throw new IllegalArgumentException("no gap between ids");
          gap |= (part & 0x7f) << shift;
          if (part >= 0) break;
        }
        ids[i] = before = before + 1 + gap;
      }
      return new TableRows(table, ids, floats().array());
    }

    Assignment assignment() {
      if (!flag()) return null;
      return new Assignment(
          int64(),
          list(i -> new Assignment.WorkerRange(i.int64(), i.text(), i.int32(), i.int32())));
    }

    Message.StepLoss loss() {
      return new Message.StepLoss(int64(), float64(), float64());
    }

    Spans spans() {
      return new Spans(list(i -> new Spans.Span(i.int32(), i.int32())));
    }

    Chunk chunk() {
      return new Chunk(int32(), spans(), int64(), address(), flag() ? address() : null);
    }

    CopyState copy() {
      return new CopyState(
          spans(),
          int64(),
          flag() ? touchedRows() : dense(),
          list(In::int64),
          int64(),
          list(In::loss),
          list(In::numbers));
    }

    private CopyState.Rows touchedRows() {
      return new CopyState.Rows(list(In::rows), list(i -> i.list(In::rows)), list(In::rows));
    }

    private CopyState.Dense dense() {
      return new CopyState.Dense(list(In::floats), list(In::floats), flag() ? floats() : null);
    }

    List<Double> numbers() {
      return list(In::float64);
    }

    void end(Message m) {
      if (buffer.hasRemaining())
        throw new IllegalArgumentException(
            buffer.remaining() + " bytes after " + m.getClass().getSimpleName());
    }

    /** Reads a count of items, checked against the bytes left before anything is allocated. */
    private int count(int itemBytes) {
      int n = int32();
      if (n < 0 || (long) n * itemBytes > buffer.remaining())
        throw new IllegalArgumentException(
            "truncated: %s items announced, %s bytes left".formatted(n, buffer.remaining()));
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
