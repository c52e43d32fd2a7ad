namespace Hnn.Tool;

/// <summary>Where a command writes: results to <paramref name="Out"/>, progress, warnings and errors to <paramref name="Error"/>.</summary>
/// <param name="Out">Standard output: results only.</param>
/// <param name="Error">Standard error.</param>
/// <param name="IsInteractive">Whether <paramref name="Error"/> is a terminal, which shows a bar; else progress is plain lines.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, bool IsInteractive)
{
    /// <summary>Writes one warning line.</summary>
    public void Warn(string message) => Error.WriteLine("hnn: warning: " + OneLine(message));

    /// <summary>Writes one line that is worth knowing.</summary>
    public void Note(string message) => Error.WriteLine("hnn: " + OneLine(message));

    /// <summary>Writes one error line.</summary>
    public void Fail(string message) => Error.WriteLine("hnn: " + OneLine(message));

    /// <summary>Puts a terminal in order whose bars are left standing: the cursor is shown again, on a line of its own.</summary>
    public void Abandon()
    {
        if (IsInteractive)
        {
            Error.WriteLine("\u001b[?25h");
        }
    }

    private static string OneLine(string message) => string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
