namespace Hnn.Tool;

/// <summary>What the program returns.</summary>
internal static class ExitCodes
{
    /// <summary>The result was written, with warnings or without.</summary>
    public const int Success = 0;

    /// <summary>Something went wrong that the user did not cause.</summary>
    public const int Failure = 1;

    /// <summary>The command line, a text, a file or a model is not good.</summary>
    public const int BadInput = 2;

    /// <summary>Interrupted: 128 + SIGINT, as shells count.</summary>
    public const int Interrupted = 130;
}
