using System.Runtime.InteropServices;

namespace Heann.Core.Backends;

/// <summary>Memory from the operating system, in large pages where it offers them.</summary>
/// <remarks>
/// A page of 4 KiB costs a fault each when it is touched first and an entry of the translation buffer while it is used; an operand of a
/// few megabytes has more of them than there are entries. Linux gives 2 MiB pages to ranges that ask for them (madvise); elsewhere, and where that
/// fails, nothing but speed is lost.
/// </remarks>
internal static unsafe partial class SimdPages
{
    /// <summary>Bytes of a cache line.</summary>
    public const int Line = 64;

    private const nuint LargePage = 2 << 20;

    // MADV_HUGEPAGE of <sys/mman.h>, the same on all architectures of Linux.
    private const int AdviseLargePages = 14;

    private static bool s_isAvailable = OperatingSystem.IsLinux();

    /// <summary>Bytes aligned to a cache line, uninitialised.</summary>
    public static void* Allocate(long bytes)
    {
        nuint size = checked((nuint)bytes);
        if (size < LargePage)
        {
            return NativeMemory.AlignedAlloc(size, Line);
        }

        void* memory = NativeMemory.AlignedAlloc(size, LargePage);
        if (s_isAvailable)
        {
            try
            {
                _ = Advise(memory, size & ~(LargePage - 1), AdviseLargePages); // a refusal leaves ordinary pages
            }
            catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
            {
                s_isAvailable = false;
            }
        }

        return memory;
    }

    /// <summary>Gives back what <see cref="Allocate"/> gave.</summary>
    public static void Free(void* memory) => NativeMemory.AlignedFree(memory);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
