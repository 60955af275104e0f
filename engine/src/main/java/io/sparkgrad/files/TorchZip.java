package io.sparkgrad.files;

import io.sparkgrad.DType;
import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Torch files as PyTorch writes them since 1.6: a zip archive, nothing in it compressed, with a
 * pickle {@code data.pkl} and a file for each storage, {@code data/0} and so on, in one folder.
 */
final class TorchZip {
  private static final String PICKLE = "/data.pkl";
  private static final String BYTE_ORDER = "/byteorder"; // since PyTorch 2.1
  private static final int ALIGNMENT = 64; // bytes, as PyTorch's, for those who map the file
  /* Any time would do; this one says nothing, and is the same in all time zones. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

  private final String file;
  private final ZipFile zip;
  private final String folder;

  private TorchZip(String file, ZipFile zip) throws IOException {
    this.file = file;
    this.zip = zip;
    List<String> pickles =
        zip.stream().map(ZipEntry::getName).filter(TorchZip::isPickle).limit(2).toList();
    if (pickles.size() != 1)
      throw new IOException(
          "%s: a zip archive with %s folders that hold a data.pkl: not what torch.save writes"
              .formatted(file, pickles.isEmpty() ? "no" : "several"));
    folder = pickles.get(0).substring(0, pickles.get(0).length() - PICKLE.length());
  }

  private static boolean isPickle(String name) {
    return name.endsWith(PICKLE) && name.indexOf('/') == name.length() - PICKLE.length();
  }

  // ---- reading

  static Object read(Path path) throws IOException {
    String file = path.toString();
    try (ZipFile zip = new ZipFile(path.toFile())) {
      return new TorchZip(file, zip).content(Files.size(path));
    } catch (ZipException | EOFException | IllegalArgumentException e) {
      throw new IOException("%s: a damaged zip archive: %s".formatted(file, e), e);
    }
  }

  private Object content(long fileBytes) throws IOException {
    checkByteOrder();
    ZipEntry e = entry(PICKLE);
    byte[] pickle = read(e, in -> in.readNBytes(Unpickler.MAX_BYTES + 1));
    ByteSource bytes = new ByteSource(file, new ByteArrayInputStream(pickle), pickle.length);
    return new TorchUnpickler(file, fileBytes, bytes, this::storage).load();
  }

  private void checkByteOrder() throws IOException {
    ZipEntry e = zip.getEntry(folder + BYTE_ORDER);
    if (e == null) return; // written before 2.1: little
    byte[] order = read(e, in -> in.readNBytes(Long.BYTES));
    if (!new String(order, StandardCharsets.US_ASCII).equals("little"))
      throw new IOException(TorchFile.bigEndian(file));
  }

  private Tensor storage(String key, DType dtype, int numel) throws IOException {
    ZipEntry e = entry("/data/" + key);
    long bytes = (long) numel * dtype.bytes();
    if (e.getSize() != bytes)
      throw new IOException(
          "%s: %s has %d bytes, %d %s take %d"
              .formatted(file, e.getName(), e.getSize(), numel, dtype, bytes));
    Tensor numbers = Tensor.zeros(dtype, numel);
    read(e, in -> Numbers.read(in, numbers.storage(), 0, numel));
    return numbers;
  }

  private ZipEntry entry(String name) throws IOException {
    ZipEntry e = zip.getEntry(folder + name);
    if (e == null)
      throw new IOException("%s: the archive has no %s%s".formatted(file, folder, name));
    return e;
  }

  private interface Reading<T> {
    T read(InputStream in) throws IOException;
  }

  /*
   * What is read of an entry, all of it, held against its checksum. Nothing is unpacked: what is compressed could be
   * a thousand times as large as the file.
   */
  private <T> T read(ZipEntry e, Reading<T> reading) throws IOException {
    if (e.getMethod() != ZipEntry.STORED)
      throw new IOException(
          "%s: %s is compressed, which torch.save does not do: load and save it in Python"
              .formatted(file, e.getName()));
    CRC32 crc = new CRC32();
    T result;
    try (InputStream in = new CheckedInputStream(zip.getInputStream(e), crc)) {
      result = reading.read(in);
    }
    if (crc.getValue() != e.getCrc())
      throw new IOException(
          "%s: %s is damaged: its CRC-32 is %08x, the archive says %08x"
              .formatted(file, e.getName(), crc.getValue(), e.getCrc()));
    return result;
  }

  // ---- writing

  /** Writes a pickle and its storages; the same content gives the same bytes. */
  static void write(byte[] pickle, List<Storage> storages, OutputStream out) throws IOException {
    Counting counting = new Counting(out);
    ZipOutputStream zip = new ZipOutputStream(counting);
    put(zip, counting, "data.pkl", to -> to.write(pickle));
    for (int i = 0; i < storages.size(); i++) {
      Storage s = storages.get(i);
      put(zip, counting, "data/" + i, to -> Numbers.write(s, 0, s.length(), to));
    }
    put(zip, counting, "version", to -> to.write("3\n".getBytes(StandardCharsets.US_ASCII)));
    zip.finish();
    counting.flush();
  }

  private static void put(
      ZipOutputStream zip, Counting position, String name, AtomicFile.Content content)
      throws IOException {
    CRC32 crc = new CRC32();
    Counting size = new Counting(new CheckedOutputStream(OutputStream.nullOutputStream(), crc));
    content.writeTo(size);
    ZipEntry e = new ZipEntry("archive/" + name);
    e.setTimeLocal(TIME);
    e.setMethod(ZipEntry.STORED);
    e.setSize(size.bytes);
    e.setCrc(crc.getValue());
    e.setExtra(padding(position.bytes + ZipEntry.LOCHDR + e.getName().length()));
    zip.putNextEntry(e);
    content.writeTo(zip);
    zip.closeEntry();
  }

  /* A field of the entry's header that ends where the content shall start; PyTorch's has the same name. */
  private static byte[] padding(long position) {
    int length = (int) (ALIGNMENT - (position + 4) % ALIGNMENT); // besides its name and length
    ByteBuffer field = ByteBuffer.allocate(4 + length).order(ByteOrder.LITTLE_ENDIAN);
    return field.put((byte) 'F').put((byte) 'B').putShort((short) length).array();
  }

  private static final class Counting extends FilterOutputStream {
    private long bytes;

    Counting(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      bytes++;
    }

    @Override
    public void write(byte[] b, int from, int n) throws IOException {
      out.write(b, from, n);
      bytes += n;
    }
  }
}
