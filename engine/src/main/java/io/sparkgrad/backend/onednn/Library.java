package io.sparkgrad.backend.onednn;

import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.opencl.Pfn_notify__cl_program_Pointer;
import org.bytedeco.opencl._cl_program;

/**
 * The loaded library: its engine, and a stream for each thread that calls it. Both outlive the
 * scope in which they are made.
 */
final class Library {
  static final engine CPU = new engine(engine.kind.cpu, 0).retainReference();

  private static final ThreadLocal<stream> STREAM =
      ThreadLocal.withInitial(
          () -> {
            useOneThread();
            return new stream(CPU).retainReference();
          });

  private Library() {}

  /** Its version, and the instructions that it compiles for. */
  static String kernels() {
    dnnl_version_t v = dnnl.dnnl_version();
    return "%d.%d.%d for %s"
        .formatted(v.major(), v.minor(), v.patch(), dnnl.get_effective_cpu_isa());
  }

  /**
   * The calling thread's; what runs on it takes that thread alone, since Spark runs a task a core.
   */
  static stream stream() {
    return STREAM.get();
  }

  /* OpenMP keeps the count of threads by thread, and JavaCPP names no function of it: it is called through a callback's
   * type, which hands on a pointer, as Fortran does. */
  static void useOneThread() {
    try (Pointer function = Loader.addressof("omp_set_num_threads_");
        PointerPointer<Pointer> callback = new PointerPointer<>(function, null);
        IntPointer one = new IntPointer(new int[] {1})) {
      new Pfn_notify__cl_program_Pointer(callback).call(new _cl_program(one), null);
    }
  }
}
