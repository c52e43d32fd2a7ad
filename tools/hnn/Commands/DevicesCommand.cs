using System.CommandLine;
using Heann.Gpu;
using Hnn.Tool.Output;

namespace Hnn.Tool.Commands;

/// <summary><c>hnn devices</c>: GPUs that --backend can name, and why others cannot be used.</summary>
internal static class DevicesCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<bool> json = CommonOptions.Json();
        Command command = new("devices", "Lists what --backend can use, and why not the rest.") { json };
        command.SetAction(parsed =>
        {
            DevicesOutput output = new([.. GpuDevice.List().Select(DeviceOutput.Create)]);
            output.Show(parsed.GetValue(json), terminal.Out, output.Write);
        });
        return command;
    }
}
