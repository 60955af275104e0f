package io.sparkgrad.files;

import io.sparkgrad.DType;
import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Writes the objects of a torch file as a pickle of protocol 2, and collects their storages. */
final class TorchPickler {
  private static final int MAX_DEPTH = 100; // what holds itself has no end

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<Storage> storages = new ArrayList<>();
  private final Map<Object, Integer> keys = new IdentityHashMap<>(); // by the Java array

  /** In the order of their keys: 0, 1, ... */
  List<Storage> storages() {
    return storages;
  }

  byte[] pickle(Object content) {
    op(0x80).write(2);
    value(content, 0);
    op('.');
    return out.toByteArray();
  }

  private ByteArrayOutputStream op(int op) {
    out.write(op);
    return out;
  }

  private void value(Object value, int depth) {
    if (depth > MAX_DEPTH)
      throw new IllegalArgumentException(
          "torch file: values nested more than %d deep, or in themselves".formatted(MAX_DEPTH));
    if (value instanceof Tensor t) tensor(t);
    else if (value instanceof Map<?, ?> map) dict(map, depth);
    else if (value instanceof List<?> list) list(list, depth);
    else scalar(value);
  }

  private void scalar(Object value) {
    if (value == null) op('N');
    else if (value instanceof Boolean b) op(b ? 0x88 : 0x89);
    else if (value instanceof String s) text(s);
    else if (value instanceof DType t) global(t.toString());
    else if (value instanceof Double || value instanceof Float)
      op('G').writeBytes(ByteBuffer.allocate(8).putDouble(((Number) value).doubleValue()).array());
    else if (value instanceof Integer || value instanceof Long)
      whole(BigInteger.valueOf(((Number) value).longValue()));
    else if (value instanceof BigInteger n) whole(n);
    else
      throw new IllegalArgumentException(
          "torch file: a %s cannot be written; a Tensor, Map, List, String, Long, Double, Boolean, DType or null can"
              .formatted(value.getClass().getName()));
  }

  private void dict(Map<?, ?> map, int depth) {
    global("collections.OrderedDict");
    op(')').write('R');
    op('(');
    map.forEach(
        (key, value) -> {
          scalar(key);
          value(value, depth + 1);
        });
    op('u');
  }

  private void list(List<?> list, int depth) {
    op(']').write('(');
    for (Object value : list) value(value, depth + 1);
    op('e');
  }

  private void tensor(Tensor tensor) {
    Tensor t = tensor.device().isCuda() ? tensor.detach().cpu() : tensor;
    if (t.isSparse())
      throw new IllegalArgumentException(
          "torch file: a sparse tensor cannot be written: use toDense()");
    global("torch._utils._rebuild_tensor_v2");
    op('(');
    storage(t.storage());
    whole(t.offset());
    tuple(t.shape());
    tuple(t.strides());
    op(0x89); // needs no gradient: a file holds numbers
    dict(Map.of(), 0); // hooks
    op('t').write('R');
  }

  private void storage(Storage s) {
    Integer key = keys.get(s.array());
    if (key == null) {
      key = storages.size();
      keys.put(s.array(), key);
      storages.add(s);
    }
    op('(');
    text("storage");
    global(TorchUnpickler.storageName(s.dtype()));
    text(key.toString());
    text("cpu");
    whole(s.length());
    op('t').write('Q');
  }

  private void tuple(int[] numbers) {
    op('(');
    for (int n : numbers) whole(n);
    op('t');
  }

  private void global(String name) {
    int dot = name.lastIndexOf('.');
    op('c').writeBytes(ascii(name.substring(0, dot) + "\n" + name.substring(dot + 1) + "\n"));
  }

  private static byte[] ascii(String s) {
    return s.getBytes(StandardCharsets.US_ASCII);
  }

  private void text(String s) {
    byte[] utf8 = s.getBytes(StandardCharsets.UTF_8);
    op('X').writeBytes(littleEndian(4).putInt(utf8.length).array());
    out.writeBytes(utf8);
  }

  private void whole(int n) {
    op('J').writeBytes(littleEndian(4).putInt(n).array());
  }

  private void whole(BigInteger n) {
    byte[] bigEndian = n.toByteArray();
    op(0x8b).writeBytes(littleEndian(4).putInt(bigEndian.length).array());
    for (int i = bigEndian.length - 1; i >= 0; i--) out.write(bigEndian[i]);
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
