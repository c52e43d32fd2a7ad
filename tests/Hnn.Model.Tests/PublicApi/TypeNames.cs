using System.Reflection;

namespace Hnn.Model.Tests.PublicApi;

/// <summary>Types as C# writes them, nullable annotations included.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool", [typeof(char)] = "char",
        [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(short)] = "short", [typeof(ushort)] = "ushort", [typeof(int)] = "int",
        [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong", [typeof(float)] = "float", [typeof(double)] = "double",
        [typeof(decimal)] = "decimal", [typeof(nint)] = "nint", [typeof(nuint)] = "nuint",
    };

    /// <summary>The name of a type, without its namespace.</summary>
    /// <param name="type">The type.</param>
    /// <param name="nullability">What is known of null in it and in its parts; null where nothing is asked.</param>
    public static string Of(Type type, NullabilityInfo? nullability = null)
    {
        if (type.IsByRef)
        {
            return Of(type.GetElementType()!, nullability);
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Of(underlying, nullability) + "?";
        }

        // A parameter that may stand for a value type as well is reported as nullable whether it is written T or T?.
        bool isReference = type.IsGenericParameter
            ? type.GenericParameterAttributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)
            : !type.IsValueType;
        bool isNullable = isReference && nullability?.ReadState == NullabilityState.Nullable;
        return Plain(type, nullability) + (isNullable ? "?" : "");
    }

    private static string Plain(Type type, NullabilityInfo? nullability)
    {
        if (type.IsArray)
        {
            return Of(type.GetElementType()!, nullability?.ElementType) + "[" + new string(',', type.GetArrayRank() - 1) + "]";
        }

        if (type.IsPointer)
        {
            return Of(type.GetElementType()!) + "*";
        }

        if (Keywords.TryGetValue(type, out string? keyword))
        {
            return keyword;
        }

        string outer = type is { IsNested: true, IsGenericParameter: false } ? Of(type.DeclaringType!) + "." : "";
        if (!type.IsGenericType)
        {
            return outer + type.Name;
        }

        Type[] arguments = type.GetGenericArguments();
        NullabilityInfo[]? known = nullability?.GenericTypeArguments;
        IEnumerable<string> names = arguments.Select((a, i) => Of(a, known?.Length == arguments.Length ? known[i] : null));
        int tick = type.Name.IndexOf('`', StringComparison.Ordinal);
        return IsTuple(type) ? $"({string.Join(", ", names)})"
            : outer + (tick < 0 ? type.Name : type.Name[..tick] + $"<{string.Join(", ", names)}>");
    }

    private static bool IsTuple(Type type) =>
        type.GetGenericTypeDefinition().FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal);
}
