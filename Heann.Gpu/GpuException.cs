namespace Heann.Gpu;

/// <summary>A call to a GPU's driver failed: which call, with what code, and what to do about it.</summary>
public class GpuException : Exception
{
    /// <summary>Creates the exception.</summary>
    public GpuException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    public GpuException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The memory of a GPU is used up. The backend still works: dispose of ciphertexts or keys, and try again.</summary>
public sealed class GpuOutOfMemoryException(string message) : GpuException(message);
