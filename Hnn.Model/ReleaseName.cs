namespace Hnn.Model;

/// <summary>The names of what is released, as config.json and the command line have them.</summary>
public static class ReleaseName
{
    private static readonly (Release Release, string Name)[] Names =
        [(Release.SoftArgmax, "soft_argmax"), (Release.Probabilities, "probabilities")];

    /// <summary>All names, for messages.</summary>
    public static string Choices => string.Join(" or ", Names.Select(pair => $"\"{pair.Name}\""));

    /// <summary>"soft_argmax" or "probabilities".</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such value.</exception>
    public static string Of(Release release) => Enum.IsDefined(release)
        ? Names.First(pair => pair.Release == release).Name
        : throw new ArgumentOutOfRangeException(nameof(release), release, $"What is released is {Choices}; got {(int)release}.");

    /// <summary>The value of a name; false if it is none, to the letter.</summary>
    public static bool TryParse(string name, out Release release)
    {
        foreach ((Release candidate, string candidateName) in Names)
        {
            if (candidateName == name)
            {
                release = candidate;
                return true;
            }
        }

        release = default;
        return false;
    }
}
