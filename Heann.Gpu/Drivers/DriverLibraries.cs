using System.Reflection;
using System.Runtime.InteropServices;

namespace Heann.Gpu.Drivers;

/// <summary>Finds the drivers' libraries by the names that they have on each system; Linux distributions put the links without versions into
/// packages for developers.</summary>
internal static class DriverLibraries
{
    public const string OpenCl = "OpenCL";
    public const string Cuda = "cuda";

    private static readonly Assembly Own = typeof(DriverLibraries).Assembly;

    static DriverLibraries() => NativeLibrary.SetDllImportResolver(Own, static (name, _, _) => Load(name));

    /// <summary>From now on imports of this assembly find them.</summary>
    public static void Register()
    {
        // The type's initialiser has done it: a resolver can be set only once.
    }

    /// <summary>Whether a library is there.</summary>
    public static bool IsPresent(string name) => Load(name) != 0;

    private static nint Load(string name)
    {
        string[] files = name switch
        {
            OpenCl => OperatingSystem.IsWindows() ? ["OpenCL.dll"] : ["libOpenCL.so.1", "/System/Library/Frameworks/OpenCL.framework/OpenCL"],
            Cuda => OperatingSystem.IsWindows() ? ["nvcuda.dll"] : ["libcuda.so.1"],
            _ => [],
        };
        foreach (string file in files)
        {
            if (NativeLibrary.TryLoad(file, out nint handle))
            {
                return handle;
            }
        }

        return 0;
    }
}
