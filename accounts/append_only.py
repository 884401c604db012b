"""SQL for tables whose rows are facts: nobody changes them, and only the erasing of a person removes them."""

FUNCTION = """
CREATE FUNCTION waymark_keep_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF current_setting('waymark.erasing', true) = 'on' THEN RETURN OLD; END IF;
        RAISE EXCEPTION 'rows of % are facts and are not deleted', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    -- The one change allowed: who acted is forgotten (SET NULL) when that person is erased.
    IF TG_NARGS = 1 AND to_jsonb(NEW) = to_jsonb(OLD) || jsonb_build_object(TG_ARGV[0], NULL) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rows of % are facts and do not change', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""
DROP_FUNCTION = "DROP FUNCTION waymark_keep_facts();"

ERASING = "SET LOCAL waymark.erasing = 'on'"
NO_LONGER_ERASING = "SET LOCAL waymark.erasing = 'off'"


def keep_facts(table: str, actor: str = "") -> str:
    """SQL that guards `table`; `actor` is its column naming who acted, which may become NULL."""
    argument = f"'{actor}'" if actor else ""
    return (
        f"CREATE TRIGGER keep_facts BEFORE UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION waymark_keep_facts({argument});"
    )


def let_go(table: str) -> str:
    """SQL that takes the guard off again."""
    return f"DROP TRIGGER keep_facts ON {table};"
