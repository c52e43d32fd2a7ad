using System.Security.Cryptography;

namespace Heann.Core.Serialization;

/// <summary>Files that are there whole or not at all.</summary>
/// <remarks>Thread-safe; of several writers of one name, whole files too, the last to rename wins where overwriting is allowed.</remarks>
public static class AtomicFile
{
    /// <summary>Writes under a temporary name in the same folder, flushes to the disk, renames. Whatever goes wrong, the final name is as
    /// it was.</summary>
    /// <param name="path">The final name.</param>
    /// <param name="overwrite">Whether a file of that name may be replaced.</param>
    /// <param name="isSecret">Whether the file is for its owner alone from the moment it exists: mode 0600, where files have modes.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">There is a file of that name, or the folder cannot be written.</exception>
    public static void Write(string path, bool overwrite, bool isSecret, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string full = Path.GetFullPath(path);
        if (!overwrite && File.Exists(full))
        {
            throw AlreadyThere(full);
        }

        string temporary = $"{full}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}.tmp";
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (isSecret && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        bool isCreated = false;
        try
        {
            using (FileStream stream = new(temporary, options))
            {
                isCreated = true;
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            Rename(temporary, full, overwrite);
        }
        catch when (isCreated)
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static void Rename(string temporary, string full, bool overwrite)
    {
        try
        {
            File.Move(temporary, full, overwrite);
        }
        catch (IOException) when (!overwrite && File.Exists(full))
        {
            throw AlreadyThere(full);
        }
    }

    private static IOException AlreadyThere(string full) => new($"There is already a file '{full}'; choose another name, or delete it first if it is not needed.");
}
