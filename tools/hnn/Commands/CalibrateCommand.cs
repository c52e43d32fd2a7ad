using System.CommandLine;
using System.Globalization;
using Hnn.Model.Approximations;
using Hnn.Model.Sessions;
using Hnn.Model.Weights;
using Hnn.Tool.Output;

namespace Hnn.Tool.Commands;

/// <summary><c>hnn calibrate --data FILE</c>: learns the temperature of the soft-argmax with everything else frozen, chooses its interval,
/// and writes both into the model's config.json.</summary>
internal static class CalibrateCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string> data = CommonOptions.Data();
        Option<string> model = CommonOptions.Model();
        Option<double> initial = InitialTemperature();
        Option<string> output = new("--out") { Description = "Write the config there; leave the model's as it is.", HelpName = "FILE" };
        Option<bool> dryRun = new("--dry-run") { Description = "Report only; write nothing." };
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        Command command = new("calibrate", "Learns the soft-argmax's temperature and interval from labelled sentences, in the clear.")
        {
            data, model, initial, output, dryRun, threads, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(dryRun) && result.GetValue(output) is not null)
            {
                result.AddError("--dry-run writes nothing and --out names a file to write; give one of them.");
            }
            else if (result.GetValue(model) is null && result.GetValue(output) is null && !result.GetValue(dryRun))
            {
                result.AddError("calibrate writes into the model's folder: name it by --model, or give --out FILE or --dry-run.");
            }
        });
        command.SetAction((parsed, cancellation) =>
        {
            ClearRun run = ClearRun.Create(
                parsed.GetRequiredValue(data), null, parsed.GetValue(model), parsed.GetValue(threads), terminal, cancellation);
            CalibratedSoftArgmax calibrated = Inputs.Guard(
                () => SoftArgmaxCalibrator.Calibrate(
                    run.Outcome, run.DataName, parsed.GetValue(initial), run.Model.Config.SoftArgmax.Degree,
                    run.Model.Config.SoftArgmax.Release));
            string? written = parsed.GetValue(dryRun) ? null : Save(calibrated, parsed.GetValue(model), parsed.GetValue(output));
            CalibrateOutput result = CalibrateOutput.Create(run, calibrated, written);
            result.Show(parsed.GetValue(json), terminal.Out, result.Write);
            return Task.CompletedTask;
        });
        return command;
    }

    private static Option<double> InitialTemperature() => new("--initial-temperature")
    {
        Description = "Where the search starts, and what 'before' means (default: 2.0).",
        HelpName = "T",
        DefaultValueFactory = _ => DifferentiableSoftArgmax.InitialTemperature,
        CustomParser = result =>
        {
            string given = result.Tokens[0].Value;
            if (double.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                && value >= TemperatureCalibrator.MinTemperature && value <= TemperatureCalibrator.MaxTemperature)
            {
                return value;
            }

            string range = Units.Format($"{TemperatureCalibrator.MinTemperature} to {TemperatureCalibrator.MaxTemperature}");
            result.AddError($"--initial-temperature takes a number from {range}; got '{given}'.");
            return 0;
        },
    };

    private static string Save(CalibratedSoftArgmax calibrated, string? modelPath, string? output) => Inputs.Guard(() =>
    {
        string source = Path.Combine(Inputs.OpenModel(modelPath).FullPath, ModelDirectory.ConfigFileName);
        string destination = output is null ? source : Path.GetFullPath(output);
        HnnConfigWriter.Save(source, destination, calibrated.SoftArgmax);
        return destination;
    });
}
