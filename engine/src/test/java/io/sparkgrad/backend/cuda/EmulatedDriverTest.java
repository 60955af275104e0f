package io.sparkgrad.backend.cuda;

import static jcuda.driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventElapsedTime;
import static jcuda.driver.JCudaDriver.cuEventQuery;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;
import static jcuda.driver.JCudaDriver.cuFuncSetAttribute;
import static jcuda.driver.JCudaDriver.cuGetErrorName;
import static jcuda.driver.JCudaDriver.cuGetErrorString;
import static jcuda.driver.JCudaDriver.cuGraphCreate;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemsetD32Async;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.cuda.RawGpu.Address;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That the emulated driver does what a card does, and finds what a card would not tell. */
@Tag("tools")
@ExtendWith(EmulatedGpu.class)
class EmulatedDriverTest {
  private RawGpu gpu;
  private long bytesBefore;
  private long pinnedBefore;

  @BeforeEach
  void open() {
    bytesBefore = EmulatedDriver.allocatedBytes();
    pinnedBefore = EmulatedDriver.pinnedBytes();
    gpu = new RawGpu(0);
  }

  @AfterEach
  void close() {
    gpu.close();
    assertEquals(bytesBefore, EmulatedDriver.allocatedBytes());
    assertEquals(pinnedBefore, EmulatedDriver.pinnedBytes());
  }

  /* ---- kernels ---- */

  @ParameterizedTest
  @EnumSource(EmulatedDriver.Order.class)
  void barriersMakeResultsIndependentOfTheOrder(EmulatedDriver.Order order) {
    EmulatedDriver.order(order, 3);
    Address y = gpu.floats(1);
    run("emulation_sum", 1, 256, gpu.floats(ramp(1000)), y, 1000);
    assertEquals(499500, gpu.read(y, 1)[0]);
  }

  @ParameterizedTest
  @EnumSource(EmulatedDriver.Order.class)
  void lanesOfAWarpExchangeNumbers(EmulatedDriver.Order order) {
    EmulatedDriver.order(order, 4);
    Address y = gpu.floats(256);
    run("emulation_warp_scan", 2, 128, gpu.floats(ramp(256)), y, 256);
    float[] sums = gpu.read(y, 256);
    for (int i = 0; i < 256; i++) {
      int first = i / 32 * 32;
      assertEquals((first + i) * (i - first + 1) / 2, sums[i], "thread " + i);
    }
  }

  @ParameterizedTest
  @EnumSource(EmulatedDriver.Order.class)
  void warpsAndBlocksVote(EmulatedDriver.Order order) {
    EmulatedDriver.order(order, 5);
    Address y = gpu.floats(6);
    float[] x = ramp(64);
    run("emulation_votes", 1, 64, gpu.floats(x), y, 64);
    assertArrayEquals(new float[] {31, 1, 0, 63, 1, 0}, gpu.read(y, 6));
  }

  @Test
  void aWarpMayLackLanes() {
    Address y = gpu.floats(40);
    run("emulation_warp_scan", 1, 40, gpu.floats(ramp(40)), y, 40);
    assertEquals(32 + 33 + 34, gpu.read(y, 40)[34]);
  }

  @Test
  void integersAndRoundingFollowTheCard() {
    Address y = gpu.floats(new float[6]);
    run("emulation_integers", 3, 100, y, y, 0);
    int[] values = new int[6];
    RawGpu.check(jcuda.driver.JCudaDriver.cuMemcpyDtoH(Pointer.to(values), y, 24));
    assertEquals(300, values[0]);
    assertEquals(99, values[1]);
    assertEquals((int) (0xd2511f53L * 0x12345678L >>> 32), values[2]);
    assertEquals(Integer.MAX_VALUE, values[3]);
    assertEquals(Float.floatToIntBits(1.1f * 1.1f), values[4]);
    assertEquals(0x3f80, values[5]); // a tie goes to even
  }

  @Test
  void dynamicSharedMemoryBeyond48KibNeedsTheAttribute() {
    CUfunction reverse = gpu.kernel("emulation_reverse");
    Address y = gpu.floats(512);
    var args = RawGpu.args(gpu.floats(ramp(512)).value(), y.value(), 512);
    RawGpu.check(gpu.launch(reverse, 2, 256, 1024, null, args));
    assertEquals(511, gpu.read(y, 512)[256]);

    int most = 227 << 10;
    int attribute = CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
    assertFails("INVALID_VALUE", gpu.launch(reverse, 2, 256, 49153, null, args), "49153 bytes");
    assertFails("INVALID_VALUE", cuFuncSetAttribute(reverse, attribute, most + 1), "232449");
    RawGpu.check(cuFuncSetAttribute(reverse, attribute, most));
    RawGpu.check(gpu.launch(reverse, 2, 256, most, null, args));
  }

  @Test
  void aMissingBarrierShowsInSomeOrder() {
    Address x = gpu.floats(ramp(256));
    Address y = gpu.floats(1);
    boolean wrong = false;
    for (EmulatedDriver.Order order : EmulatedDriver.Order.values()) {
      EmulatedDriver.order(order, 1);
      run("emulation_sum_too_early", 1, 256, x, y, 256);
      wrong |= gpu.read(y, 1)[0] != 255 * 128;
    }
    assertTrue(wrong);
  }

  @Test
  void blocksRunInTheOrderThatIsSet() {
    Address y = gpu.floats(1);
    run("emulation_last_block", 5, 1, y, y, 0);
    assertEquals(4, gpu.read(y, 1)[0]);
    EmulatedDriver.order(EmulatedDriver.Order.REVERSE, 0);
    run("emulation_last_block", 5, 1, y, y, 0);
    assertEquals(0, gpu.read(y, 1)[0]);
  }

  @Test
  void aBarrierThatSomeThreadsMissIsReported() {
    Address y = gpu.floats(64);
    int result = gpu.launch("emulation_uneven_barrier", 1, 64, y, y, 64);
    assertFails("LAUNCH_FAILED", result, "54 of 64 threads have left the kernel, 10 wait at");
    assertTrue(EmulatedDriver.problem().contains("emulation.cu:"), EmulatedDriver.problem());
  }

  @Test
  void differentBarriersAreReported() {
    Address y = gpu.floats(64);
    int result = gpu.launch("emulation_two_barriers", 1, 64, y, y, 64);
    assertFails("LAUNCH_FAILED", result, "wait at different __syncthreads");
  }

  @Test
  void lanesInDifferentShufflesAreReported() {
    Address y = gpu.floats(ramp(32));
    int result = gpu.launch("emulation_uneven_shuffle", 1, 32, y, y, 32);
    assertFails("LAUNCH_FAILED", result, "lanes of one warp wait at different operations");
  }

  /* ---- memory ---- */

  @Test
  void memoryThatNobodyWroteIsNaN() {
    Address x = gpu.floats(300);
    for (float value : gpu.read(x, 300)) assertTrue(Float.isNaN(value));
  }

  @Tag("unsanitized") // which guards the ends of shared memory instead
  @Test
  void eachBlockStartsWithSharedMemoryThatNobodyWrote() {
    Address y = gpu.floats(new float[64]);
    run("emulation_unwritten", 3, 32, y, y, 0);
    for (float value : gpu.read(y, 64)) assertTrue(Float.isNaN(value));
  }

  @Tag("unsanitized")
  @Test
  void writingPastAnAllocationIsAnIllegalAddressThatTheDeviceDoesNotSurvive() {
    Address x = gpu.floats(ramp(100));
    Address y = gpu.floats(100);
    RawGpu.check(gpu.launch("emulation_one_too_far", 1, 64, x, gpu.floats(101), 100));
    int result = gpu.launch("emulation_one_too_far", 1, 64, x, y, 100);
    assertFails("ILLEGAL_ADDRESS", result, "behind an allocation of 400 bytes");
    assertFails("ILLEGAL_ADDRESS", cuCtxSynchronize(), "");
    assertFails("ILLEGAL_ADDRESS", cuMemAlloc(new CUdeviceptr(), 16), "");
    EmulatedDriver.reset();
    RawGpu.check(cuCtxSynchronize());
  }

  @Tag("unsanitized")
  @Test
  void writingBehindDynamicSharedMemoryIsReported() {
    CUfunction kernel = gpu.kernel("emulation_behind_shared");
    Address y = gpu.floats(32);
    var args = RawGpu.args(y.value(), y.value(), 1);
    assertFails(
        "ILLEGAL_ADDRESS", gpu.launch(kernel, 1, 32, 128, null, args), "behind its 128 bytes");
  }

  @Test
  void faultsOfAKernelAreErrorsAndDoNotEndTheProcess() {
    Address y = gpu.floats(64);
    assertFails(
        "ILLEGAL_ADDRESS", gpu.launch("emulation_wild_pointer", 1, 1, y, y, 0), "no device memory");
    EmulatedDriver.reset();
    assertFails("LAUNCH_FAILED", gpu.launch("emulation_large_frame", 1, 1, y, y, 0), "stack");
  }

  @Tag("unsanitized")
  @Test
  void aVectorAtAnOddAddressIsMisaligned() {
    Address y = gpu.floats(64);
    CUfunction vectors = gpu.kernel("emulation_vectors");
    RawGpu.check(gpu.launch(vectors, 1, 8, 0, null, RawGpu.args(0, y.value(), 16)));
    int result = gpu.launch(vectors, 1, 8, 0, null, RawGpu.args(0, y.value() + 4, 15));
    assertFails("MISALIGNED_ADDRESS", result, "not a multiple of its size");
  }

  @Test
  void aKernelMayNotGetMemoryThatIsFreed() {
    Address x = new Address();
    RawGpu.check(cuMemAlloc(x, 400));
    RawGpu.check(cuMemFree(x));
    int result = gpu.launch("emulation_add_one", 1, 64, x, gpu.floats(100), 64);
    assertFails("ILLEGAL_ADDRESS", result, "byte 0 of its parameter");
  }

  @Test
  void copiesAreBounded() {
    Address x = gpu.floats(10);
    int result = cuMemcpyHtoD(x.withByteOffset(4), Pointer.to(new float[10]), 40);
    assertFails("ILLEGAL_ADDRESS", result, "40 bytes");
  }

  @Test
  void asynchronousCopiesWantPinnedMemory() {
    Address x = gpu.floats(10);
    Pointer pinned = gpu.pinnedFloats(10);
    RawGpu.check(cuMemcpyHtoDAsync(x, pinned, 40, null));
    Pointer array = Pointer.to(new float[10]);
    assertFails("INVALID_VALUE", cuMemcpyHtoDAsync(x, array, 40, null), "not pinned");
    assertFails("INVALID_VALUE", cuMemcpyDtoHAsync(pinned, x, 44, null), "not pinned");
  }

  @Test
  void theLedgerCountsWhatIsAllocated() {
    long blocks = EmulatedDriver.allocatedBlocks();
    long[] unused = new long[1];
    long[] total = new long[1];
    gpu.floats(100);
    gpu.floats(50);
    gpu.pinnedFloats(25);
    assertEquals(bytesBefore + 600, EmulatedDriver.allocatedBytes());
    assertEquals(blocks + 2, EmulatedDriver.allocatedBlocks());
    assertEquals(pinnedBefore + 100, EmulatedDriver.pinnedBytes());
    RawGpu.check(cuMemGetInfo(unused, total));
    assertEquals(EmulatedDriver.allocatedBytes(), total[0] - unused[0]);
  }

  @Test
  void memoryThatIsInPiecesServesAgain() {
    EmulatedDriver.limitMemory(bytesBefore + 1_000_000);
    for (int round = 0; round < 10; round++) {
      List<CUdeviceptr> pieces = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        CUdeviceptr piece = new CUdeviceptr();
        RawGpu.check(cuMemAlloc(piece, 10_000));
        pieces.add(piece);
      }
      assertFails("OUT_OF_MEMORY", cuMemAlloc(new CUdeviceptr(), 1), "");
      for (CUdeviceptr piece : pieces) RawGpu.check(cuMemFree(piece));
    }
    assertFails("INVALID_VALUE", cuMemFree(new CUdeviceptr().withByteOffset(4096)), "0x1000");
  }

  /* ---- modules and launches ---- */

  @Test
  void aPtxThatDriftedFromItsSourceIsNotFound() {
    String name = "emulation_sum";
    CUfunction f = new CUfunction();
    assertFails("NOT_FOUND", cuModuleGetFunction(f, gpu.module(ptx(name, 32, 256)), name), "32");
    assertFails("NOT_FOUND", cuModuleGetFunction(f, gpu.module(ptx(name, 24, 128)), name), "128");
    assertFails(
        "NOT_FOUND", cuModuleGetFunction(f, gpu.module(ptx("gone", 24, 256)), "gone"), "source");
    assertFails(
        "NOT_FOUND", cuModuleGetFunction(f, gpu.module(ptx("other", 24, 256)), name), "no kernel");
  }

  @Test
  void configurationsThatACardRefusesAreRefused() {
    CUfunction sum = gpu.kernel("emulation_sum");
    Address x = gpu.floats(1);
    var args = RawGpu.args(x.value(), x.value(), 1);
    assertFails("INVALID_VALUE", gpu.launch(sum, 0, 32, 0, null, args), "a grid of 0 x 1 x 1");
    assertFails("INVALID_VALUE", gpu.launch(sum, 1, 0, 0, null, args), "a block of 0");
    assertFails("INVALID_VALUE", gpu.launch(sum, 1, 257, 0, null, args), "allows 256");
    RawGpu.check(gpu.launch(sum, 1, 32, 0, null, args)); // an argument's error is no fault
  }

  @Test
  void namesOfAUnitAreItsOwnAndOverloadCudas() {
    Address y = gpu.floats(3);
    run("emulation_names", 1, 1, y, y, 0);
    assertArrayEquals(new float[] {1, 107, 2}, gpu.read(y, 3));
    run("emulation_twin_names", 1, 1, y, y, 0);
    assertArrayEquals(new float[] {1, 207, 3}, gpu.read(y, 3));
  }

  @Test
  void whatIsNotEmulatedSaysSo() {
    assertFails("NOT_SUPPORTED", cuGraphCreate(new CUgraph(), 0), "");
  }

  @Test
  void errorsHaveCudasNames() {
    String[] text = new String[1];
    RawGpu.check(cuGetErrorName(700, text));
    assertEquals("CUDA_ERROR_ILLEGAL_ADDRESS", text[0]);
    RawGpu.check(cuGetErrorString(2, text));
    assertEquals("out of memory", text[0]);
  }

  /* ---- faults ---- */

  @Test
  void theNthAllocationFailsAndTheNextOneDoesNot() {
    EmulatedDriver.failAllocation(2);
    gpu.floats(1);
    assertFails("OUT_OF_MEMORY", cuMemAlloc(new CUdeviceptr(), 4), "");
    gpu.floats(1);
  }

  @Test
  void theNthLaunchFailsAndTheDeviceWithIt() {
    Address x = gpu.floats(ramp(10));
    EmulatedDriver.failLaunch(2);
    long before = EmulatedDriver.launches();
    run("emulation_add_one", 1, 10, x, x, 10);
    assertFails("LAUNCH_FAILED", gpu.launch("emulation_add_one", 1, 10, x, x, 10), "as the test");
    assertEquals(before + 2, EmulatedDriver.launches());
    assertFails("LAUNCH_FAILED", cuCtxSynchronize(), "");
  }

  @Test
  void aLostDeviceAnswersNothing() {
    EmulatedDriver.loseDevice();
    assertFails("UNKNOWN", cuCtxSynchronize(), "lost");
    assertFails("UNKNOWN", cuMemAlloc(new CUdeviceptr(), 4), "lost");
  }

  /* ---- streams and events ---- */

  @Test
  void deferredWorkIsDoneWhenSomebodyWaits() {
    EmulatedDriver.deferred(true, 1);
    CUstream stream = stream();
    Pointer host = gpu.pinnedFloats(1);
    FloatBuffer numbers = RawGpu.view(host, 1);
    numbers.put(0, 5);
    Address x = gpu.floats(1);
    RawGpu.check(cuMemcpyHtoDAsync(x, host, 4, stream));
    CUfunction addOne = gpu.kernel("emulation_add_one");
    var args = RawGpu.args(x.value(), x.value(), 1);
    RawGpu.check(gpu.launch(addOne, 1, 1, 0, stream, args));
    args.putLong(0, 0); // the launch has taken its copy
    RawGpu.check(cuMemcpyDtoHAsync(host, x, 4, stream));
    assertEquals(5, numbers.get(0));
    RawGpu.check(cuStreamSynchronize(stream));
    assertEquals(6, numbers.get(0));
    RawGpu.check(cuStreamDestroy(stream));
  }

  /** One stream writes x, another adds 1 to it: right only with the event between them. */
  private float acrossStreams(boolean waits, long seed) {
    EmulatedDriver.deferred(true, seed);
    CUstream first = stream();
    CUstream second = stream();
    CUevent written = event();
    Address x = gpu.floats(0f);
    RawGpu.check(cuMemsetD32Async(x, Float.floatToIntBits(41), 1, first));
    RawGpu.check(cuEventRecord(written, first));
    if (waits) RawGpu.check(cuStreamWaitEvent(second, written, 0));
    CUfunction addOne = gpu.kernel("emulation_add_one");
    var args = RawGpu.args(x.value(), x.value(), 1);
    RawGpu.check(gpu.launch(addOne, 1, 1, 0, second, args));
    RawGpu.check(cuStreamSynchronize(second));
    float result = gpu.read(x, 1)[0];
    RawGpu.check(cuEventDestroy(written));
    RawGpu.check(cuStreamDestroy(first));
    RawGpu.check(cuStreamDestroy(second));
    return result;
  }

  @Test
  void aMissingEventShowsInSomeDeferredOrder() {
    assertTrue(IntStream.range(0, 10).anyMatch(seed -> acrossStreams(false, seed) != 42));
  }

  @Test
  void eventsOrderStreamsUnderEverySeed() {
    for (int seed = 0; seed < 50; seed++) assertEquals(42, acrossStreams(true, seed));
  }

  @Test
  void aHostBufferUsedTooEarlyIsSeen() {
    EmulatedDriver.deferred(true, 1);
    CUstream stream = stream();
    Pointer host = gpu.pinnedFloats(1);
    RawGpu.view(host, 1).put(0, 1);
    Address x = gpu.floats(1);
    RawGpu.check(cuMemcpyHtoDAsync(x, host, 4, stream));
    RawGpu.view(host, 1).put(0, 2);
    RawGpu.check(cuStreamSynchronize(stream));
    assertEquals(2, gpu.read(x, 1)[0]);
    RawGpu.check(cuStreamDestroy(stream));
  }

  @Test
  void theNullStreamWaitsForBlockingStreamsOnly() {
    EmulatedDriver.deferred(true, 1);
    CUstream blocking = new CUstream();
    RawGpu.check(cuStreamCreate(blocking, CUstream_flags.CU_STREAM_DEFAULT));
    Address x = gpu.floats(0f);
    RawGpu.check(cuMemsetD32Async(x, Float.floatToIntBits(3), 1, blocking));
    assertEquals(3, gpu.read(x, 1)[0]);
    boolean early = false;
    for (int seed = 0; seed < 10; seed++) {
      EmulatedDriver.deferred(true, seed);
      CUstream apart = stream();
      RawGpu.check(cuMemsetD32Async(x, Float.floatToIntBits(4 + seed), 1, apart));
      early |= gpu.read(x, 1)[0] != 4 + seed;
      RawGpu.check(cuStreamDestroy(apart));
    }
    assertTrue(early);
    RawGpu.check(cuStreamDestroy(blocking));
  }

  @Test
  void whoAsksAnEventAgainAndAgainGetsThere() {
    EmulatedDriver.deferred(true, 2);
    CUstream stream = stream();
    CUevent event = event();
    Address x = gpu.floats(1);
    for (int i = 0; i < 20; i++) RawGpu.check(cuMemsetD32Async(x, i, 1, stream));
    RawGpu.check(cuEventRecord(event, stream));
    int asked = 0;
    while (cuEventQuery(event) == CUresult.CUDA_ERROR_NOT_READY) asked++;
    RawGpu.check(cuEventQuery(event));
    assertTrue(asked >= 20, asked + " times");
    RawGpu.check(cuEventDestroy(event));
    RawGpu.check(cuStreamDestroy(stream));
  }

  @Test
  void eventsMeasureTime() {
    CUevent from = new CUevent();
    CUevent to = new CUevent();
    RawGpu.check(cuEventCreate(from, 0));
    RawGpu.check(cuEventCreate(to, 0));
    RawGpu.check(cuEventRecord(from, null));
    RawGpu.check(cuEventRecord(to, null));
    RawGpu.check(cuEventSynchronize(to));
    float[] milliseconds = {-1};
    RawGpu.check(cuEventElapsedTime(milliseconds, from, to));
    assertTrue(milliseconds[0] >= 0);
    RawGpu.check(cuEventDestroy(from));
    assertFails("INVALID_HANDLE", cuEventQuery(from), "");
    RawGpu.check(cuEventDestroy(to));
  }

  @Test
  void threadsWithStreamsOfTheirOwnDoNotDisturbEachOther() throws Exception {
    EmulatedDriver.deferred(true, 7);
    CUfunction addOne = gpu.kernel("emulation_add_one");
    ExecutorService pool = Executors.newFixedThreadPool(4);
    List<Address> each = new ArrayList<>();
    for (int t = 0; t < 8; t++) each.add(gpu.floats(ramp(1000)));
    List<Future<Void>> running = new ArrayList<>();
    for (Address x : each) {
      Callable<Void> work =
          () -> {
            gpu.enter();
            CUstream stream = stream();
            for (int i = 0; i < 50; i++)
              RawGpu.check(
                  gpu.launch(addOne, 4, 256, 0, stream, RawGpu.args(x.value(), x.value(), 1000)));
            RawGpu.check(cuStreamSynchronize(stream));
            RawGpu.check(cuStreamDestroy(stream));
            return null;
          };
      running.add(pool.submit(work));
    }
    for (Future<Void> one : running) one.get();
    pool.shutdown();
    for (Address x : each) assertEquals(999 + 50, gpu.read(x, 1000)[999]);
  }

  /* ---- devices ---- */

  @Test
  void aProcessSeesTheDevicesThatTheEnvironmentGives() throws Exception {
    OtherJvm jvm = new OtherJvm(EmulatedGpu.build(EmulatedGpu.sanitized()).getParent());
    jvm.environment("SPARKGRAD_EMULATED_DEVICES", "3").environment("CUDA_VISIBLE_DEVICES", "2,0");
    String printed = jvm.run(TwoDevices.class);
    assertTrue(printed.contains("Emulated GPU 2, Emulated GPU 0"), printed);
    assertTrue(printed.contains("own memory: [42.0]"), printed);
    assertTrue(printed.contains("the other's memory: CUDA_ERROR_ILLEGAL_ADDRESS"), printed);
  }

  /** Two devices, each with its memory. */
  static final class TwoDevices {
    public static void main(String[] args) {
      RawGpu first = new RawGpu(0);
      RawGpu second = new RawGpu(1);
      System.out.println(name(0) + ", " + name(1));
      first.enter();
      Address x = first.floats(41f);
      run(first, x);
      System.out.println("own memory: " + Arrays.toString(first.read(x, 1)));
      second.enter();
      System.out.println("the other's memory: " + CUresult.stringFor(run(second, x)));
    }

    private static int run(RawGpu gpu, Address x) {
      return gpu.launch("emulation_add_one", 1, 1, x, x, 1);
    }

    private static String name(int ordinal) {
      byte[] name = new byte[100];
      jcuda.driver.CUdevice device = new jcuda.driver.CUdevice();
      RawGpu.check(jcuda.driver.JCudaDriver.cuDeviceGet(device, ordinal));
      RawGpu.check(jcuda.driver.JCudaDriver.cuDeviceGetName(name, name.length, device));
      return new String(name, java.nio.charset.StandardCharsets.UTF_8).split("\0")[0];
    }
  }

  /* ---- words of the tests above ---- */

  private void run(String kernel, int blocks, int threads, Address x, Address y, int n) {
    RawGpu.check(gpu.launch(kernel, blocks, threads, x, y, n));
  }

  private static void assertFails(String error, int result, String problem) {
    String said = EmulatedDriver.problem();
    assertEquals("CUDA_ERROR_" + error, CUresult.stringFor(result), said);
    assertNotEquals(CUresult.CUDA_SUCCESS, result);
    assertTrue(said.contains(problem), said);
  }

  private static String ptx(String kernel, int bytes, int largestBlock) {
    return RawGpu.ptx(kernel, bytes, largestBlock);
  }

  private static CUstream stream() {
    CUstream stream = new CUstream();
    RawGpu.check(cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
    return stream;
  }

  private static CUevent event() {
    CUevent event = new CUevent();
    RawGpu.check(cuEventCreate(event, jcuda.driver.CUevent_flags.CU_EVENT_DISABLE_TIMING));
    return event;
  }

  private static float[] ramp(int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) values[i] = i;
    return values;
  }
}
