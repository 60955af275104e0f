package io.sparkgrad.files;

import io.sparkgrad.DType;
import io.sparkgrad.Parameter;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the objects of a torch file: the names that PyTorch's pickles of tensors hold, and no
 * others. Tensors keep their strides and share storages as they did when they were written.
 */
final class TorchUnpickler extends Unpickler {
  /** Finds numbers that lie outside the pickle. */
  @FunctionalInterface
  interface Storages {
    /** A one-dimensional tensor over a storage's numbers, which may come later. */
    Tensor find(String key, DType dtype, int numel) throws IOException;
  }

  private static final Map<String, DType> STORAGES =
      Map.of(
          "torch.FloatStorage", DType.FLOAT32,
          "torch.DoubleStorage", DType.FLOAT64,
          "torch.HalfStorage", DType.FLOAT16,
          "torch.BFloat16Storage", DType.BFLOAT16,
          "torch.LongStorage", DType.INT64,
          "torch.IntStorage", DType.INT32,
          "torch.ShortStorage", DType.INT16,
          "torch.CharStorage", DType.INT8,
          "torch.ByteStorage", DType.UINT8,
          "torch.BoolStorage", DType.BOOL);

  private final String file;
  private final long fileBytes;
  private final Storages storages;
  private final Map<String, Object> globals = new HashMap<>();
  private final Map<String, Tensor> found = new HashMap<>();
  private long bytes;

  /**
   * @param file its name, for the errors
   * @param fileBytes its size, which the storages together cannot exceed
   */
  TorchUnpickler(String file, long fileBytes, ByteSource in, Storages storages) {
    super(in);
    this.file = file;
    this.fileBytes = fileBytes;
    this.storages = storages;
    for (String dict : List.of("collections.OrderedDict", "collections.Counter"))
      globals.put(dict, function(this::dict));
    for (String tensor : List.of("_rebuild_tensor", "_rebuild_tensor_v2"))
      globals.put("torch._utils." + tensor, function(this::tensor));
    globals.put("torch._utils._rebuild_parameter", function(this::parameter));
    globals.put("torch.Size", function(a -> argument(a, 0, List.class)));
    globals.put("torch.device", function(a -> argument(a, 0, String.class)));
    for (DType t : DType.values()) globals.put(t.toString(), t);
    globals.putAll(STORAGES);
  }

  private static Function function(Function f) {
    return f;
  }

  /** The name under which PyTorch keeps a dtype's storages. */
  static String storageName(DType dtype) {
    for (Map.Entry<String, DType> s : STORAGES.entrySet())
      if (s.getValue() == dtype) return s.getKey();
    throw new IllegalArgumentException("no storage of PyTorch holds " + dtype);
  }

  @Override
  Object global(String name) throws IOException {
    Object known = globals.get(name);
    if (known == null)
      throw new IOException(
          "%s: it asks for Python's '%s', which is none of the names that tensors need: such a file can run what it likes, and is not read here. If you trust it, load it in Python and save its tensors alone: torch.save(model.state_dict(), file)"
              .formatted(file, name));
    return known;
  }

  // ---- what the names do

  private Object dict(List<?> arguments) throws IOException {
    Map<Object, Object> dict = new LinkedHashMap<>();
    if (arguments.isEmpty()) return dict;
    if (arguments.get(0) instanceof Map<?, ?> map) {
      dict.putAll(map);
      return dict;
    }
    for (Object pair : argument(arguments, 0, List.class)) {
      if (!(pair instanceof List<?> p) || p.size() != 2 || !(p.get(0) instanceof String))
        throw error("an OrderedDict is made of %s, not of names and values".formatted(kind(pair)));
      dict.put(p.get(0), p.get(1));
    }
    return dict;
  }

  /* (storage, offset, size, stride), in the second version also requires_grad and hooks. */
  private Object tensor(List<?> arguments) throws IOException {
    Tensor numbers = argument(arguments, 0, Tensor.class);
    if (numbers.dim() != 1 || !numbers.isContiguous())
      throw error("a tensor lies over another one, not over a storage");
    long offset = argument(arguments, 1, Long.class);
    long[] shape = numbers(argument(arguments, 2, List.class));
    long[] strides = numbers(argument(arguments, 3, List.class));
    checkWithin(numbers.numel(), offset, shape, strides);
    Tensor t = view(numbers, ints(shape), ints(strides), offset);
    boolean requiresGrad = arguments.size() > 4 && Boolean.TRUE.equals(arguments.get(4));
    return requiresGrad && t.dtype().isFloatingPoint() ? t.requiresGrad_() : t;
  }

  private static Tensor view(Tensor numbers, int[] shape, int[] strides, long offset) {
    return numbers.alias(shape, strides, numbers.offset() + (int) offset).detach();
  }

  private void checkWithin(int numbers, long offset, long[] shape, long[] strides)
      throws IOException {
    String layout =
        "a tensor of shape %s and strides %s at %d of a storage of %d numbers"
            .formatted(Arrays.toString(shape), Arrays.toString(strides), offset, numbers);
    if (shape.length != strides.length) throw error(layout + ": as many strides as sizes");
    if (shape.length > SafeTensorsHeader.MAX_DIMS)
      throw error(layout + ": more than %d dimensions".formatted(SafeTensorsHeader.MAX_DIMS));
    boolean empty = false;
    long last = offset;
    long numel = 1;
    try {
      for (int d = 0; d < shape.length; d++) {
        if (shape[d] < 0 || strides[d] < 0) throw error(layout + ": nothing may be negative");
        Math.toIntExact(shape[d]);
        Math.toIntExact(strides[d]);
        empty |= shape[d] == 0;
        last = Math.addExact(last, Math.multiplyExact(shape[d] - 1, strides[d]));
        numel = Math.multiplyExact(numel, Math.max(1, shape[d]));
      }
      Shape.numel(Math.toIntExact(numel));
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw error(layout + " is more than one tensor can hold (2^31)");
    }
    if (offset < 0 || (empty ? offset > numbers : last >= numbers))
      throw error(layout + " reaches beyond it");
  }

  /* (tensor, requires_grad, hooks) */
  private Object parameter(List<?> arguments) throws IOException {
    Tensor data = argument(arguments, 0, Tensor.class);
    if (!data.dtype().isFloatingPoint()) return data;
    Parameter p = new Parameter(data.detach());
    return p.requiresGrad_(Boolean.TRUE.equals(argument(arguments, 1, Boolean.class)));
  }

  private static int[] ints(long[] numbers) {
    return Arrays.stream(numbers).mapToInt(n -> (int) n).toArray();
  }

  private long[] numbers(List<?> list) throws IOException {
    long[] numbers = new long[list.size()];
    for (int i = 0; i < numbers.length; i++) numbers[i] = argument(list, i, Long.class);
    return numbers;
  }

  // ---- storages

  /* ('storage', type, key, location, numel), in old files also a view: None or (key, offset, numel). */
  @Override
  Object persistent(Object id) throws IOException {
    if (!(id instanceof List<?> list)) throw error("a storage is named by " + kind(id));
    String kind = argument(list, 0, String.class);
    if (!kind.equals("storage")) throw error("a '%s' lies outside of the pickle".formatted(kind));
    DType dtype = argument(list, 1, DType.class);
    String key = argument(list, 2, String.class);
    Tensor numbers = storage(key, dtype, argument(list, 4, Long.class));
    if (list.size() < 6 || list.get(5) == null) return numbers;
    List<?> view = argument(list, 5, List.class);
    long from = argument(view, 1, Long.class);
    long numel = argument(view, 2, Long.class);
    if (from < 0 || numel < 0 || from > numbers.numel() - numel)
      throw error(
          "a view of %d numbers from %d on of a storage of %d"
              .formatted(numel, from, numbers.numel()));
    return view(numbers, new int[] {(int) numel}, new int[] {1}, from);
  }

  private Tensor storage(String key, DType dtype, long numel) throws IOException {
    Tensor known = found.get(key);
    if (known == null) {
      known = read(key, dtype, numel);
      found.put(key, known);
    }
    if (known.numel() != numel || known.dtype() != dtype)
      throw error(
          "storage '%s' is of %d %s and of %d %s"
              .formatted(key, known.numel(), known.dtype(), numel, dtype));
    return known;
  }

  private Tensor read(String key, DType dtype, long numel) throws IOException {
    if (numel < 0 || numel > (fileBytes - bytes) / dtype.bytes())
      throw error(
          "storage '%s' of %d %s: the storages are larger than the file, of %d bytes"
              .formatted(key, numel, dtype, fileBytes));
    if (numel > SafeTensors.MAX_NUMEL)
      throw error(
          "storage '%s' of %d %s is more than one tensor can hold (2^31)"
              .formatted(key, numel, dtype));
    bytes += numel * dtype.bytes();
    return storages.find(key, dtype, (int) numel);
  }

  private <T> T argument(List<?> arguments, int i, Class<T> type) throws IOException {
    Object argument = i < arguments.size() ? arguments.get(i) : null;
    if (!type.isInstance(argument))
      throw error(
          "argument %d of %d is %s, expected a %s"
              .formatted(i, arguments.size(), kind(argument), type.getSimpleName()));
    return type.cast(argument);
  }
}
