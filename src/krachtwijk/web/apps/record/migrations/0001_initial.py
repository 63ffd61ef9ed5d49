# SPDX-License-Identifier: EUPL-1.2
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from krachtwijk.web.apps.record.triggers import EVENT_KEYS, protect, unprotect


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Stream',
            fields=[
                ('name', models.CharField(max_length=200, primary_key=True, serialize=False)),
                ('length', models.PositiveBigIntegerField(default=0)),
                ('last_hash', models.CharField(default='0000000000000000000000000000000000000000000000000000000000000000', max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('number', models.PositiveBigIntegerField()),
                ('subject', models.CharField(db_index=True, max_length=200)),
                ('kind', models.CharField(max_length=100)),
                ('occurred_at', models.DateTimeField()),
                ('actor_name', models.CharField(max_length=200)),
                ('reason', models.TextField(blank=True)),
                ('payload', models.JSONField(blank=True, default=dict)),
                ('previous_hash', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64, unique=True)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('stream', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='record.stream')),
            ],
            options={
                'ordering': ('id',),
                'constraints': [models.UniqueConstraint(fields=('stream', 'number'), name='record_event_stream_number')],
            },
        ),
        migrations.RunPython(
            lambda apps, editor: protect(editor.connection, "record_event", EVENT_KEYS),
            lambda apps, editor: unprotect(editor.connection, "record_event"),
        ),
    ]
