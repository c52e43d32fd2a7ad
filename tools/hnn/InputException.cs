namespace Hnn.Tool;

/// <summary>What the user gave is not good. The message is shown as it is.</summary>
internal sealed class InputException(string message, Exception? inner = null) : Exception(message, inner);
