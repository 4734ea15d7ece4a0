"""How a migration runs: on a connection that helpline.migrating opened, under a lock time-out."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=connection.dialect.name == "sqlite",
    compare_server_default=True,
    user_module_prefix="database.",
)
with context.begin_transaction():
    context.run_migrations()
