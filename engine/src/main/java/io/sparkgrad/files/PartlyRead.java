package io.sparkgrad.files;

import io.sparkgrad.Tensor;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The tensors of a file, some of which no tensor here can hold: they are named with the others, and
 * who asks for one gets an IllegalArgumentException that says why. Immutable.
 */
final class PartlyRead extends AbstractMap<String, Tensor> {
  private final Map<String, Tensor> tensors;
  private final Map<String, String> refusals;

  /**
   * @param tensors by name, null where it was refused
   * @param refusals why, by name
   */
  PartlyRead(Map<String, Tensor> tensors, Map<String, String> refusals) {
    this.tensors = tensors;
    this.refusals = refusals;
  }

  @Override
  public Tensor get(Object name) {
    if (refusals.containsKey(name)) throw new IllegalArgumentException(refusals.get(name));
    return tensors.get(name);
  }

  @Override
  public boolean containsKey(Object name) {
    return tensors.containsKey(name);
  }

  @Override
  public Set<String> keySet() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  @Override
  public Set<Entry<String, Tensor>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public Iterator<Entry<String, Tensor>> iterator() {
        Iterator<String> names = keySet().iterator();
        return new Iterator<>() {
          @Override
          public boolean hasNext() {
            return names.hasNext();
          }

          @Override
          public Entry<String, Tensor> next() {
            return new Asked(names.next());
          }
        };
      }

      @Override
      public int size() {
        return tensors.size();
      }
    };
  }

  private final class Asked implements Entry<String, Tensor> {
    private final String name;

    Asked(String name) {
      this.name = name;
    }

    @Override
    public String getKey() {
      return name;
    }

    @Override
    public Tensor getValue() {
      return get(name);
    }

    @Override
    public Tensor setValue(Tensor value) {
      throw new UnsupportedOperationException("the content of a file is not changed in memory");
    }
  }

  /** With the reasons in their places. */
  @Override
  public String toString() {
    Map<String, Object> shown = new LinkedHashMap<>(tensors);
    shown.putAll(refusals);
    return shown.toString();
  }
}
