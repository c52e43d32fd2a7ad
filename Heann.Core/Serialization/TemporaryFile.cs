using System.Security.Cryptography;

namespace Heann.Core.Serialization;

/// <summary>Temporary files of which nothing is left however the program ends.</summary>
internal static class TemporaryFile
{
    /// <summary>The folder in full: the system's folder for temporary files where none is named.</summary>
    public static string FolderOf(string? folder) => Path.GetFullPath(folder ?? Path.GetTempPath());

    /// <summary>Opens a new file for reading and writing, unbuffered. It has no name from the moment it is open, where the system lets an
    /// open file lose it; on Windows it is deleted when it is closed. Its owner's alone: mode 0600, where files have modes.</summary>
    /// <param name="folder">Where; null for the system's folder for temporary files.</param>
    /// <param name="expectedBytes">What it is expected to grow to; 0 where nobody knows.</param>
    /// <param name="content">What is in it, for messages: begins a sentence, in the plural.</param>
    /// <exception cref="IOException">The folder is not there or cannot be written to, or has no room for so many bytes.</exception>
    public static FileStream Create(string? folder, long expectedBytes, string content)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(expectedBytes);
        string full = FolderOf(folder);
        FileStream file = Create(Path.Combine(full, $"heann-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}.tmp"), full);
        long free = new DriveInfo(full).AvailableFreeSpace;
        if (free >= expectedBytes)
        {
            return file;
        }

        file.Dispose();
        throw new IOException(
            $"{content} take {expectedBytes} bytes in a temporary file and '{full}' has room for {free}; make room there, or name a folder with more.");
    }

    private static FileStream Create(string path, string folder)
    {
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
            Options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None,
        };
        try
        {
            if (OperatingSystem.IsWindows())
            {
                return new(path, options);
            }

            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            FileStream file = new(path, options);
            File.Delete(path);
            return file;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"No temporary file can be made in '{folder}' ({exception.Message.TrimEnd('.')}); name a folder that is there and can be written to.", exception);
        }
    }
}
